#include "test_tables.hpp"

#include <cstdio>
#include <cstdlib>

#include "tables_yaml.hpp"

namespace bufspec {

namespace {

LoadedTables loaded;

}  // namespace

bool load_test_tables() {
  const LoadedTree tree = tree_from_directory(setting("BUFSPEC_SPEC_DIR", BUFSPEC_SPEC_DIR));
  loaded.problems = tree.problems;
  if (tree.ok()) loaded = tables_from(tree.tree);
  if (!loaded.ok()) std::fputs(loaded.text().c_str(), stderr);
  return loaded.ok();
}

const Tables& tables() noexcept { return loaded.tables; }

const char* setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace bufspec
