// What the reference's library describes: its exporter and its consumer, as a library of anybody's would.
#pragma once

#include "bufspec/trace.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

[[nodiscard]] const bufspec_exporter& reference_exporter();
[[nodiscard]] const bufspec_consumer& reference_consumer();

}  // namespace bufspec::native
