// The subject that a library describes, for the engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "library.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::native {

// A subject with an object of its own to ask; null for a target that cannot be judged.  `described` outlives it.
[[nodiscard]] std::unique_ptr<engine::Subject> subject_of(const Described& described);

// Whether there is something to judge: an exporter's `make` gives an object.  Else why not.
[[nodiscard]] std::string reason_of_nothing(engine::Subject& subject, const Described& described);

// The names of the observations in `observed`, observation::* bits.
[[nodiscard]] std::vector<std::string> observation_names(unsigned observed);

}  // namespace bufspec::native
