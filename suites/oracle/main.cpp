// Loads the tables once, fixes the seed of the properties, and runs the tests.
#include <cstdio>
#include <cstdlib>

#include "oracle.hpp"

namespace bufspec::oracle {

const SweepRow& bound() { return *tables().sweep(setting("BUFSPEC_BOUND", "short")); }

}  // namespace bufspec::oracle

int main(int argc, char** argv) {
  // One fixed seed, so that a failure is met again; RC_PARAMS="seed=N" tries another.
  setenv("RC_PARAMS", "seed=20100928 max_success=400", 0);
  testing::InitGoogleTest(&argc, argv);
  if (!bufspec::load_test_tables()) return 2;
  const char* name = bufspec::setting("BUFSPEC_BOUND", "short");
  if (bufspec::tables().sweep(name) == nullptr) {
    std::fprintf(stderr, "BUFSPEC_BOUND: no sweep '%s' in layouts.yaml; short and full are there\n", name);
    return 2;
  }
  return RUN_ALL_TESTS();
}
