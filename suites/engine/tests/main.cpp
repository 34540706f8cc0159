// Loads the tables once, fixes the seed of the properties, and runs the tests.
#include <cstdio>
#include <cstdlib>

#include "tables_yaml.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

LoadedTables loaded;

bool load() {
  const char* elsewhere = std::getenv("BUFSPEC_SPEC_DIR");
  const LoadedTree tree =
      tree_from_directory(elsewhere != nullptr && *elsewhere != '\0' ? elsewhere : BUFSPEC_SPEC_DIR);
  loaded.problems = tree.problems;
  if (tree.ok()) loaded = tables_from(tree.tree);
  if (!loaded.ok()) std::fputs(loaded.text().c_str(), stderr);
  return loaded.ok();
}

}  // namespace

const Tables& tables() { return loaded.tables; }

}  // namespace bufspec::engine

int main(int argc, char** argv) {
  // One fixed seed, so that a failure is met again; RC_PARAMS="seed=N" tries another.
  setenv("RC_PARAMS", "seed=20100928 verbose_progress=0 max_success=2000", 0);
  testing::InitGoogleTest(&argc, argv);
  return bufspec::engine::load() ? RUN_ALL_TESTS() : 2;
}
