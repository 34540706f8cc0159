// The tables that a test or a benchmark runs on, loaded once.
#pragma once

#include "tables.hpp"

namespace bufspec {

// Loads them from the directory that BUFSPEC_SPEC_DIR names in the environment, else from that of the sources.  False, and the
// problems on standard error, if they cannot be read.  To be called first in main().
[[nodiscard]] bool load_test_tables();

// What was loaded; nothing before.
[[nodiscard]] const Tables& tables() noexcept;

// The value of an environment variable, `otherwise` where it is not set or empty.
[[nodiscard]] const char* setting(const char* name, const char* otherwise);

}  // namespace bufspec
