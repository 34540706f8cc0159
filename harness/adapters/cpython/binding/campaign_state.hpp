// The state of a campaign as a Python object over a file that a driver shares with its workers.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/campaign/state.hpp"

namespace bufspec::cpython {

// Adds the type `CampaignState` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_campaign_state(PyObject* module);

// The state behind `object`; null with TypeError set if it is none.
[[nodiscard]] campaign::State* campaign_state_of(PyObject* object);

}  // namespace bufspec::cpython
