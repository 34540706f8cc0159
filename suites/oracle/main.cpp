// Loads the tables once, fixes the seed of the properties, and runs the tests.
#include <cstdio>
#include <cstdlib>

#include "oracle.hpp"
#include "tables_yaml.hpp"

namespace bufspec::oracle {

namespace {

LoadedTables loaded;

const char* setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

bool load() {
  const LoadedTree tree = tree_from_directory(setting("BUFSPEC_SPEC_DIR", BUFSPEC_SPEC_DIR));
  loaded.problems = tree.problems;
  if (tree.ok()) loaded = tables_from(tree.tree);
  if (!loaded.ok()) std::fputs(loaded.text().c_str(), stderr);
  return loaded.ok();
}

}  // namespace

const Tables& tables() { return loaded.tables; }

const SweepRow& bound() { return *tables().sweep(setting("BUFSPEC_BOUND", "short")); }

const char* name_of(Edition edition) { return edition == Edition::current ? "current" : "2010"; }

}  // namespace bufspec::oracle

int main(int argc, char** argv) {
  using namespace bufspec::oracle;
  // One fixed seed, so that a failure is met again; RC_PARAMS="seed=N" tries another.
  setenv("RC_PARAMS", "seed=20100928 max_success=400", 0);
  testing::InitGoogleTest(&argc, argv);
  if (!load()) return 2;
  const char* name = setting("BUFSPEC_BOUND", "short");
  if (tables().sweep(name) == nullptr) {
    std::fprintf(stderr, "BUFSPEC_BOUND: no sweep '%s' in layouts.yaml; short and full are there\n", name);
    return 2;
  }
  return RUN_ALL_TESTS();
}
