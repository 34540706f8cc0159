// Which bytes spell a call?  A tree is its kind and its value, counts before what they count; missing bytes are 0.
#include "scenario_call.hpp"

#include <algorithm>

namespace bufspec {

namespace {

constexpr std::size_t deepest = 8;  // of lists and maps in each other
constexpr std::size_t most_nodes = 16384;

class CallWriter {
 public:
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void text(const std::string& value) {
    number(value.size(), 2);
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void tree(const Tree& value) {
    number(static_cast<std::uint64_t>(value.kind), 1);
    switch (value.kind) {
      case Tree::Kind::null:
        break;
      case Tree::Kind::boolean:
        number(value.boolean ? 1 : 0, 1);
        break;
      case Tree::Kind::integer:
        number(static_cast<std::uint64_t>(value.integer), 8);
        break;
      case Tree::Kind::string:
        text(value.string);
        break;
      case Tree::Kind::list:
        number(value.list.size(), 2);
        for (const Tree& one : value.list) tree(one);
        break;
      case Tree::Kind::map:
        entries(value);
        break;
    }
  }
  void entries(const Tree& map) {
    number(map.map.size(), 2);
    for (const auto& [key, value] : map.map) {
      text(key);
      tree(value);
    }
  }
  std::vector<std::uint8_t> take() noexcept { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class CallReader {
 public:
  explicit CallReader(std::span<const std::uint8_t> bytes) noexcept : rest_(bytes) {}

  std::uint64_t number(int bytes) noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes && !rest_.empty(); ++i, rest_ = rest_.subspan(1))
      value |= std::uint64_t{rest_.front()} << (8 * i);
    return value;
  }
  std::string text() {
    const std::uint64_t said = number(2);  // before what is left is counted
    const std::size_t size = std::min<std::size_t>(said, rest_.size());
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return {taken.begin(), taken.end()};
  }
  Tree tree(std::size_t depth) {
    constexpr std::uint64_t kinds = 6;
    const auto kind = static_cast<Tree::Kind>(number(1) % kinds);
    const bool is_leaf = depth >= deepest || ++nodes_ > most_nodes;
    if (is_leaf && (kind == Tree::Kind::list || kind == Tree::Kind::map)) return {};
    switch (kind) {
      case Tree::Kind::null:
        break;
      case Tree::Kind::boolean:
        return Tree::of((number(1) & 1U) != 0);
      case Tree::Kind::integer:
        return Tree::of(static_cast<std::int64_t>(number(8)));
      case Tree::Kind::string:
        return Tree::of(text());
      case Tree::Kind::list: {
        Tree made = Tree::empty_list();
        for (std::uint64_t left = number(2); left > 0 && !rest_.empty(); --left) made.list.push_back(tree(depth + 1));
        return made;
      }
      case Tree::Kind::map:
        return entries(depth);
    }
    return {};
  }
  Tree entries(std::size_t depth) {
    Tree made = Tree::empty_map();
    for (std::uint64_t left = number(2); left > 0 && !rest_.empty(); --left) {
      std::string key = text();
      Tree value = tree(depth + 1);
      if (made.find(key) == nullptr) made.map.emplace_back(std::move(key), std::move(value));
    }
    return made;
  }
  Rule rule() { return static_cast<Rule>(number(2) % rule_count); }

 private:
  std::span<const std::uint8_t> rest_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::vector<std::uint8_t> bytes_of(const Call& call) {
  CallWriter writer;
  writer.number(index_of(call.rule), 2);
  writer.text(call.name);
  writer.entries(call.given);
  writer.entries(call.expect);
  writer.number(call.rules.empty() ? 0 : 1, 1);
  for (const Rule rule : call.rules) writer.number(index_of(rule), 2);
  writer.number(call.since, 4);
  return writer.take();
}

Call call_from(std::span<const std::uint8_t> bytes) {
  CallReader reader(bytes);
  Call call;
  call.rule = reader.rule();
  call.name = reader.text();
  call.given = reader.entries(0);
  call.expect = reader.entries(0);
  const bool has_rules = (reader.number(1) & 1U) != 0;
  for (std::size_t i = 0; has_rules && i < call.expect.map.size(); ++i) call.rules.push_back(reader.rule());
  call.since = static_cast<std::uint32_t>(reader.number(4));
  return call;
}

}  // namespace bufspec
