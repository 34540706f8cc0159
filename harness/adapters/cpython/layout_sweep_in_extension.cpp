// The enumeration of layouts, compiled into the extension: the library of tables that it links leaves it out.
// NOLINTNEXTLINE(bugprone-suspicious-include): see above.
#include "suites/support/layout_sweep.cpp"
