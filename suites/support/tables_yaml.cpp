#include "tables_yaml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace bufspec {

namespace {

constexpr std::uintmax_t largest_file = 4U << 20U;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<bool> boolean_from(std::string_view text) {
  if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) return false;
  return std::nullopt;
}

// The integers of YAML 1.1: decimal, 0x, 0b, a leading 0 for octal, _ between digits.
std::optional<std::int64_t> integer_from(std::string_view text) {
  std::string digits;
  for (const char letter : text)
    if (letter != '_') digits += letter;
  std::string_view rest = digits;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  int radix = 10;
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'b')) {
    radix = rest[1] == 'x' ? 16 : 2;
    rest.remove_prefix(2);
  } else if (rest.size() > 1 && rest[0] == '0') {
    radix = 8;
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest.front() == '-' || rest.front() == '+') return std::nullopt;
  std::int64_t value = 0;
  const std::string spelled = (negative ? "-" : "") + std::string(rest);
  const auto [end, problem] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value, radix);
  if (problem != std::errc{} || end != spelled.data() + spelled.size()) return std::nullopt;
  return value;
}

bool is_number_with_fraction(std::string_view text) {
  const bool has_digit = text.find_first_of("0123456789") != std::string_view::npos;
  return has_digit && text.find('.') != std::string_view::npos &&
         text.find_first_not_of("0123456789+-._eE") == std::string_view::npos;
}

struct Refusal {
  YAML::Mark mark;
  std::string message;
  std::string hint;
};

// Builds the tree from the parser's events.  A refusal ends the parse as an exception that stays in this file.
class TreeBuilder : public YAML::EventHandler {
 public:
  TableValue root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(mark, TableValue::of_null());
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{mark, "an alias", "write the value out; tables have no aliases"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_anchor(mark, anchor);
    if (tag == "!") return add(mark, TableValue::of(text));  // quoted
    if (tag != "?") throw Refusal{mark, "a tag", "tables have no tags: write the plain value"};
    if (const auto boolean = boolean_from(text)) return add(mark, TableValue::of(*boolean));
    if (const auto integer = integer_from(text)) return add(mark, TableValue::of(*integer));
    if (is_number_with_fraction(text))
      throw Refusal{mark, "a number with a fraction: " + text, "quote it if it is a text"};
    add(mark, TableValue::of(text));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(mark, TableValue::empty_list());
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(mark, TableValue::empty_map());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    TableValue value;
    std::optional<std::string> key;  // of a map: read, its value not yet
  };
  std::vector<Open> open_;

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refusal{mark, "an anchor", "write the value out; tables have no anchors"};
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!is_one_of(tag, {"", "?", "!"})) throw Refusal{mark, "a tag", "tables have no tags: write the plain value"};
  }
  static TableValue at(const YAML::Mark& mark, TableValue value) {
    value.line = mark.line + 1;
    value.column = mark.column + 1;
    return value;
  }

  // A container where a map expects a key is no key.
  void open(const YAML::Mark& mark, TableValue value) {
    if (!open_.empty() && open_.back().value.is_map() && !open_.back().key)
      throw Refusal{mark, "a key that is no text", "a key is one word"};
    open_.push_back({at(mark, std::move(value)), std::nullopt});
  }

  void close() {
    TableValue value = std::move(open_.back().value);
    open_.pop_back();
    place(std::move(value));
  }

  void add(const YAML::Mark& mark, TableValue value) {
    if (open_.empty() || !open_.back().value.is_map() || open_.back().key) return place(at(mark, std::move(value)));
    if (!value.is_string()) throw Refusal{mark, "a key that is no text: " + describe(value), "quote the key"};
    if (open_.back().value.find(value.string) != nullptr)
      throw Refusal{mark, "a second key '" + value.string + "'", "a key stands once in a map: remove one of them"};
    open_.back().key = std::move(value.string);
  }

  void place(TableValue value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().value.is_list()) {
      open_.back().value.list.push_back(std::move(value));
    } else {
      open_.back().value.map.emplace_back(std::move(*open_.back().key), std::move(value));
      open_.back().key.reset();
    }
  }
};

LoadedTree refused(const std::string& file, const YAML::Mark& mark, std::string message, std::string hint) {
  LoadedTree loaded;
  loaded.problems.push_back({file, mark.line + 1, mark.column + 1, std::move(message), std::move(hint)});
  return loaded;
}

}  // namespace

LoadedTree tree_from_yaml(const std::string& text, const std::string& file) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) {
      LoadedTree loaded;
      loaded.problems.push_back({file, 1, 1, "the file is empty", "write the table"});
      return loaded;
    }
    LoadedTree loaded;
    loaded.tree = std::move(builder.root);
    TreeBuilder second;
    if (parser.HandleNextDocument(second))
      loaded.problems.push_back({file, 1, 1, "more than one document", "one file holds one table"});
    return loaded;
  } catch (const Refusal& refusal) {
    return refused(file, refusal.mark, refusal.message, refusal.hint);
  } catch (const YAML::Exception& problem) {
    return refused(file, problem.mark, "not YAML: " + problem.msg, "correct the syntax at this place");
  }
}

LoadedTree tree_from_directory(const std::filesystem::path& spec) {
  LoadedTree loaded;
  loaded.tree = TableValue::empty_map();
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(spec / "tables", failed))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty())
    loaded.problems.push_back(
        {(spec / "tables").string(), 0, 0, "no tables here", "name a spec directory in BUFSPEC_SPEC_DIR"});
  files.push_back(spec / "layouts.yaml");
  files.push_back(spec / "editions.yaml");

  for (const auto& path : files) {
    const std::string name = path.filename().string();
    if (std::filesystem::file_size(path, failed) > largest_file || failed) {
      loaded.problems.push_back(
          {name, 0, 0, failed ? "cannot be read" : "larger than a table can be", "correct or remove the file"});
      continue;
    }
    std::ifstream stream(path, std::ios::binary);
    LoadedTree one = tree_from_yaml({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}, name);
    std::move(one.problems.begin(), one.problems.end(), std::back_inserter(loaded.problems));
    loaded.tree.map.emplace_back(name, std::move(one.tree));
  }
  return loaded;
}

}  // namespace bufspec
