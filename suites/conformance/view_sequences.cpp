// Random sequences of operations on memoryviews of one memory, the same for the same seed; what each step owes is what the
// reference's memoryview answers to it.
#include <algorithm>
#include <array>
#include <iterator>

#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "cases.hpp"
#include "odd_layouts.hpp"
#include "suites/engine/library/subject.hpp"
#include "suites/engine/numbers.hpp"
#include "suites/library/reference.hpp"

namespace bufspec::suites {

namespace {

constexpr std::size_t sequences = 2000;
constexpr std::size_t longest = 14;
constexpr std::size_t most_views = 8;
constexpr std::uint64_t apart = 0x9e3779b97f4a7c15;  // so that neighbouring cases have nothing in common

enum class Doing : std::uint8_t {
  slice,
  cast,
  toreadonly,
  item,
  assign_item,
  assign_slice,
  tobytes,
  tolist,
  hash,
  equal,
  size,
  release,
  acquire,
  let_go
};
constexpr std::array<std::string_view, 14> names{"slice",        "cast",    "toreadonly", "item",  "assign_item",
                                                 "assign_slice", "tobytes", "tolist",     "hash",  "equal",
                                                 "size",         "release", "acquire",    "let_go"};

// Chooses steps for what the views are by now, which the reference says.
class Sequence {
 public:
  Sequence(const Tables& tables, std::uint64_t seed, std::uint32_t runtime) : random_(seed), reference_(runtime) {
    std::vector<const LayoutRow*> usable;
    for (const LayoutRow& row : tables.layouts)
      if (is_usable(row.layout, runtime)) usable.push_back(&row);
    given_ = Tree::empty_map();
    given_.map.emplace_back("memory", engine::given_of(usable[below(usable.size())]->layout));
    given_.map.emplace_back("steps", Tree::empty_list());
    views_.push_back(true);
    dimensions_.push_back(given_.find("memory")->find("shape")->list.size());
  }

  // The call, with what is owed; nothing if the reference cannot make a memoryview of the memory.
  [[nodiscard]] std::shared_ptr<const Call> make(Edition edition) {
    const std::size_t length = 2 + below(longest - 1);
    Tree expect = Tree::empty_map();
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < length; ++i) {
      const Doing doing = choose();
      Tree step = make_step(doing);
      std::vector<Tree>& steps = given_.map[1].second.list;
      steps.push_back(step);
      engine::CallAnswer found;
      try {
        found = reference_.call("memoryview_sequence", given_, edition);
      } catch (const std::exception&) {  // no memoryview of this memory
        return nullptr;
      }
      expect = *found.answer;
      const Tree& answer = expect.map.back().second;
      rules.push_back(rule_of(doing, step, answer));
      take(doing, step, answer);
    }
    return std::make_shared<const Call>(Call{.rule = Rule::memoryview_slice_first_dimension,
                                             .name = "memoryview_sequence",
                                             .given = std::move(given_),
                                             .expect = std::move(expect),
                                             .rules = std::move(rules),
                                             .since = 0});
  }

 private:
  // Small, and of a format whose values tell elements apart; of one character only where it is a native code, for what is raised
  // first for another, the index or the format, is nowhere said.
  static bool is_usable(const Layout& layout, std::uint32_t runtime) {
    if (layout.ndim > 3 || layout.itemsize <= 0 || layout.itemsize > 16 || is_odd(layout)) return false;
    if (element_count({layout.shape.data(), static_cast<std::size_t>(layout.ndim)}).value > 64) return false;
    const std::string& format = layout.format;
    return format.find('?') == std::string::npos && (format.size() > 1 || is_native_single(format, runtime));
  }
  std::size_t below(std::size_t limit) { return random_.below(limit); }
  ssize between(ssize least, ssize most) {
    return least + static_cast<ssize>(below(static_cast<std::size_t>(most - least + 1)));
  }
  std::size_t any_view() { return below(views_.size()); }

  Doing choose() {
    for (;;) {
      const auto doing = static_cast<Doing>(below(names.size()));
      const bool makes = doing == Doing::slice || doing == Doing::cast || doing == Doing::toreadonly;
      if (makes && views_.size() == most_views) continue;
      if (doing == Doing::let_go && held_.empty()) continue;
      if (doing == Doing::release && below(3) != 0) continue;  // rarely: little can be done with what is released
      return doing;
    }
  }

  void put_slice(Tree& step) {
    const auto put = [&](const char* key, ssize value) { step.map.emplace_back(key, Tree::of(std::int64_t{value})); };
    if (below(3) != 0) put("start", between(-4, 5));
    if (below(3) != 0) put("stop", between(-4, 6));
    if (below(2) != 0) put("step", std::array<ssize, 6>{1, 2, -1, -2, 3, 0}[below(6)]);
  }

  Tree make_step(Doing doing) {
    Tree step = Tree::empty_map();
    const auto put = [&](const char* key, Tree value) { step.map.emplace_back(key, std::move(value)); };
    const auto number = [](std::size_t value) { return Tree::of(static_cast<std::int64_t>(value)); };
    std::size_t of = any_view();
    if (doing == Doing::let_go) of = held_[below(held_.size())];
    put("do", Tree::of(std::string(names[static_cast<std::size_t>(doing)])));
    put("of", number(of));
    switch (doing) {
      case Doing::slice:
        put_slice(step);
        put("to", number(views_.size()));
        break;
      case Doing::cast:
        put("format", Tree::of(std::string(std::array<const char*, 6>{"B", "b", "c", "h", "i", "@H"}[below(6)])));
        if (below(3) == 0) put("shape", list_of({between(1, 3), between(1, 4)}));
        put("to", number(views_.size()));
        break;
      case Doing::toreadonly:
        put("to", number(views_.size()));
        break;
      case Doing::item:
      case Doing::assign_item: {
        std::vector<ssize> index;
        index.reserve(dimensions_[of]);
        for (std::size_t d = 0; d < dimensions_[of]; ++d) index.push_back(between(-3, 3));
        put("index", list_of(index));
        if (doing == Doing::assign_item) put("number", Tree::of(std::int64_t{between(1, 60)}));
        break;
      }
      case Doing::assign_slice:
        put_slice(step);
        put("from", number(any_view()));
        break;
      case Doing::tobytes:
        put("order", Tree::of(std::string(1, "CFA"[below(3)])));
        break;
      case Doing::equal:
        put("with", number(any_view()));
        break;
      case Doing::acquire:
        put("flags", Tree::of(std::int64_t{std::array<int, 7>{0x11c, 0x11d, 0x18, 0x0, 0x1, 0x38, 0x58}[below(7)]}));
        break;
      case Doing::tolist:
      case Doing::hash:
      case Doing::size:
      case Doing::release:
      case Doing::let_go:
        break;
    }
    return step;
  }

  static Tree list_of(const std::vector<ssize>& values) {
    Tree made = Tree::empty_list();
    for (const ssize value : values) made.list.push_back(Tree::of(std::int64_t{value}));
    return made;
  }

  // The rule that the answer to such a step shows.
  Rule rule_of(Doing doing, const Tree& step, const Tree& answer) const {
    const bool failed = answer.find("error") != nullptr;
    switch (doing) {
      case Doing::slice:
        return Rule::memoryview_slice_first_dimension;
      case Doing::cast:
        return failed ? Rule::memoryview_cast_refuses : Rule::memoryview_cast_reshapes;
      case Doing::toreadonly:
        return Rule::memoryview_toreadonly_new_view;
      case Doing::item:
        return Rule::memoryview_item_index;
      case Doing::assign_item:
        return Rule::memoryview_write_errors;
      case Doing::assign_slice:
        return Rule::memoryview_slice_assignment;
      case Doing::tobytes:
        return Rule::memoryview_tobytes_order;
      case Doing::tolist:
        return Rule::memoryview_tolist_nested;
      case Doing::hash:
        return Rule::memoryview_hash_of_bytes;
      case Doing::equal:
        return Rule::memoryview_compare_equal;
      case Doing::size:
        return Rule::memoryview_size_nbytes;
      case Doing::release:
        return failed ? Rule::memoryview_release_refused_while_exported : Rule::memoryview_release_ends_the_view;
      case Doing::acquire:
      case Doing::let_go:
        return views_[static_cast<std::size_t>(step.find("of")->integer)] ? Rule::memoryview_request_honoured
                                                                          : Rule::memoryview_release_no_more_buffers;
    }
    return Rule::memoryview_item_index;
  }

  void take(Doing doing, const Tree& step, const Tree& answer) {
    if (answer.find("error") != nullptr) return;
    const auto of = static_cast<std::size_t>(step.find("of")->integer);
    if (const Tree* shape = answer.find("shape"); shape != nullptr && step.find("to") != nullptr) {
      views_.push_back(true);
      dimensions_.push_back(shape->list.size());
    }
    if (doing == Doing::release) views_[of] = false;
    if (doing == Doing::acquire) held_.push_back(of);
    if (doing == Doing::let_go) held_.erase(std::find(held_.begin(), held_.end(), of));
  }

  Numbers random_;
  library::ReferenceLibrary reference_;
  Tree given_;
  std::vector<bool> views_;  // whether it is not released
  std::vector<std::size_t> dimensions_;
  std::vector<std::size_t> held_;  // the view of each buffer that is held
};

}  // namespace

void append_view_sequences(const Tables& tables, const CaseOptions& options, CaseList& cases) {
  cases.append("memoryview.sequence_", sequences, [&tables, options](std::size_t number) {
    Scenario scenario;
    scenario.target = Target::function;
    scenario.edition = options.edition;
    scenario.steps = {{StepKind::call, 0, 0}};
    const std::uint64_t own = Numbers(options.seed).next() ^ number * apart;
    for (std::uint64_t again = 0; scenario.call == nullptr; ++again)
      scenario.call = Sequence(tables, own + again, options.runtime).make(options.edition);
    return scenario;
  });
}

}  // namespace bufspec::suites
