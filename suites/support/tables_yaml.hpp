// Table files from YAML, with the place of every node.  The only door to yaml-cpp.
#pragma once

#include <filesystem>
#include <string>

#include "table_value.hpp"

namespace bufspec {

// The tree that `text` spells; `file` is what problems name.
//
// Plain scalars are typed as PyYAML types them (yes, no, on, off; 0x1f, 010), so that both readers see one table.
// Refused, each with its place: a syntax error, a duplicate key, a key that is no text, an anchor or an alias, a tag,
// a number with a fraction, a second document.
[[nodiscard]] LoadedTree tree_from_yaml(const std::string& text, const std::string& file);

// The root that tables_from() reads: {file name: its tree} for tables/*.yaml, layouts.yaml and editions.yaml
// of a spec directory, with every problem found in any of them.
[[nodiscard]] LoadedTree tree_from_directory(const std::filesystem::path& spec);

}  // namespace bufspec
