// What the reference's library describes: its exporter, its consumer and its functions, as a library of anybody's would.
#pragma once

#include "bufspec/trace.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

[[nodiscard]] const bufspec_exporter& reference_exporter();
[[nodiscard]] const bufspec_consumer& reference_consumer();
[[nodiscard]] const bufspec_functions& reference_functions();

}  // namespace bufspec::native
