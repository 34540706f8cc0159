// Which words make an input interesting?  Written when a fuzz target is built, from the tables of spec/ and the names that the
// encoding has: as a dictionary for libFuzzer and AFL++, or as the source of words() for the mutators.
// usage: bufspec-fuzz-dictionary SPEC formats|flags|json|tables dict|cpp FILE
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

#include "bufspec/requests.hpp"
#include "bufspec/rules.hpp"
#include "suites/engine/json/names.hpp"
#include "suites/support/tables.hpp"
#include "suites/support/tables_yaml.hpp"

namespace {

using Words = std::set<std::string>;

void add_format_words(Words& words, const bufspec::Tables& tables) {
  words.insert("\n");  // between the two of a pair
  for (const bufspec::FormatOrderRow& row : tables.orders)
    if (!row.prefix.empty()) words.insert(row.prefix);
  for (const bufspec::FormatCodeRow& row : tables.codes) {
    words.insert(row.code);
    if (row.counts_length) words.insert("10" + row.code);
  }
  for (const bufspec::FormatConstructRow& row : tables.constructs) words.insert(row.syntax);
  // What the constructs are made of.
  for (const char* part : {"T{", "}", ":x:", "(2,3)", "&", "X{}", "3t", "(", ")", ",", ":", "Z"}) words.insert(part);
}

// Flag words as they stand in an encoded scenario.
void add_flag_words(Words& words, const bufspec::Tables& tables) {
  const auto add = [&](int value) {
    words.insert(value < 256 ? std::string(1, static_cast<char>(value))
                             : std::string{static_cast<char>(value % 256), static_cast<char>(value / 256)});
  };
  for (const bufspec::FlagRow& row : tables.flags) add(row.value);
  for (const bufspec::CompoundRow& row : tables.compounds) add(row.value);
  for (const bufspec::ConstantRow& row : tables.constants) add(row.value);
}

template <typename Names>
void add_names(Words& words, const Names& names) {
  for (const std::string_view name : names) words.insert('"' + std::string(name) + '"');
}

void add_json_words(Words& words) {
  using namespace bufspec::json;
  add_names(words, Names<bufspec::Target>::all);
  add_names(words, Names<bufspec::Edition>::all);
  add_names(words, Names<bufspec::StepKind>::all);
  add_names(words, Names<bufspec::Pointer>::all);
  add_names(words, Names<bufspec::Owner>::all);
  add_names(words, Names<bufspec::SameElements>::all);
  add_names(words, Names<bufspec::Block>::all);
  add_names(words, Names<bufspec::Unchanging>::all);
  add_names(words, Names<bufspec::Compared>::all);
  add_names(words, Names<bufspec::ConsumerKind>::all);
  add_names(words, Names<bufspec::Aspect>::all);
  add_names(words, Names<bufspec::Error>::all);
  add_names(words, Names<bufspec::Misreading>::all);
  add_names(words, behaviour_bits);
  add_names(words, capability_bits);
  add_names(words, observation_bits);
  add_names(words, bufspec::field_names);
}

// Every key, and every short scalar, that a table has.
void add_table_words(Words& words, const bufspec::Tree& tree) {
  constexpr std::size_t longest = 24;
  if (tree.is_string() && !tree.string.empty() && tree.string.size() <= longest) words.insert(tree.string);
  for (const auto& [key, value] : tree.map) {
    words.insert(key + ": ");
    add_table_words(words, value);
  }
  for (const bufspec::Tree& one : tree.list) add_table_words(words, one);
}

// In quotes, as both a dictionary and C++ read it.
std::string quoted(const std::string& word, bool is_cpp) {
  std::string text = "\"";
  for (const char letter : word) {
    const auto byte = static_cast<unsigned char>(letter);
    char escaped[8];
    if (letter == '"' || letter == '\\')
      std::snprintf(escaped, sizeof escaped, "\\%c", letter);
    else if (std::isprint(byte) != 0)
      std::snprintf(escaped, sizeof escaped, "%c", letter);
    else
      std::snprintf(escaped, sizeof escaped, is_cpp ? "\\%03o" : "\\x%02x", byte);
    text += escaped;
  }
  return text + '"';
}

void write_dictionary(std::ostream& file, const Words& words) {
  file << "# Made from the tables of spec/ by fuzz/dictionary/main.cpp.\n";
  for (const std::string& word : words)
    if (!word.empty()) file << quoted(word, false) << '\n';
}

void write_source(std::ostream& file, const Words& words) {
  file << "// Made from the tables of spec/ by fuzz/dictionary/main.cpp.\n#include \"fuzz/mutators/mutator.hpp\"\n\n"
          "const std::vector<std::string_view>& bufspec::fuzz::words() {\n  static const std::vector<std::string_view> "
          "all{\n";
  for (const std::string& word : words)
    if (!word.empty()) file << "      {" << quoted(word, true) << ", " << word.size() << "},\n";
  file << "  };\n  return all;\n}\n";
}

int write(const std::string& spec, std::string_view kind, std::string_view form, const std::string& path) {
  const bufspec::LoadedTree loaded = bufspec::tree_from_directory(spec);
  const bufspec::LoadedTables tables = bufspec::tables_from(loaded.tree);
  if (!loaded.ok() || !tables.ok()) {
    for (const bufspec::TableProblem& one : loaded.problems) std::cerr << one.text() << '\n';
    std::cerr << tables.text() << '\n';
    return 1;
  }
  Words words;
  if (kind == "formats") add_format_words(words, tables.tables);
  if (kind == "flags") add_flag_words(words, tables.tables);
  if (kind == "json") add_json_words(words);
  if (kind == "tables") add_table_words(words, loaded.tree);
  std::ofstream file(path, std::ios::binary);
  if (form == "cpp")
    write_source(file, words);
  else
    write_dictionary(file, words);
  // What it was made from, for the build.
  std::ofstream needed(path + ".d");
  needed << path << ':';
  for (const auto& [name, tree] : loaded.tree.map) {
    const bool is_table = name != "layouts.yaml" && name != "editions.yaml";
    needed << ' ' << spec << (is_table ? "/tables/" : "/") << name;
  }
  needed << '\n';
  if (words.empty() || !needed.flush() || !file.flush()) {
    std::cerr << path << ": cannot be written, or there are no words of the kind " << kind << '\n';
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: bufspec-fuzz-dictionary SPEC formats|flags|json|tables dict|cpp FILE\n";
    return 2;
  }
  try {
    return write(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
