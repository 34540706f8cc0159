// Sweeps over the functions of a runtime: every layout of a bound in every order, every word of flags, formats of every pair of codes.
// What each call owes is what the reference answers to it.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "bufspec/layout.hpp"
#include "cases.hpp"
#include "odd_layouts.hpp"
#include "suites/engine/library/subject.hpp"
#include "suites/library/reference.hpp"
#include "suites/support/layout_sweep.hpp"

namespace bufspec::suites {

namespace {

// Of the short bound one layout, and one pair of codes, in so many is tried.
constexpr std::size_t layouts_skipped = 13;
constexpr std::size_t pairs_skipped = 7;

struct Sweep {
  std::string_view call;
  std::string_view prefix;
  std::size_t count;
  std::function<Tree(std::size_t)> given;
};

Rule rule_of(std::string_view call, const Tree& given, const Tree& answer) {
  const bool failed = answer.find("error") != nullptr;
  const Tree* const order = given.find("order");
  const bool is_any = order != nullptr && order->string == "A";
  if (call == "is_contiguous") return Rule::function_is_contiguous_agrees;
  if (call == "fill_contiguous_strides") return Rule::function_fill_contiguous_strides_order;
  if (call == "get_pointer") return Rule::function_get_pointer_address;
  if (call == "to_contiguous")
    return is_any ? Rule::function_to_contiguous_any_order : Rule::function_to_contiguous_order;
  if (call == "from_contiguous")
    return is_any ? Rule::function_from_contiguous_any_order : Rule::function_from_contiguous_order;
  if (call == "copy_data") return Rule::function_copy_data_converts;
  if (call == "fill_info")
    return failed ? Rule::function_fill_info_refuses_writable : Rule::function_fill_info_every_word;
  if (call == "size_from_format")
    return failed ? Rule::function_size_from_format_errors : Rule::function_size_from_format_size;
  if (call == "get_contiguous") {
    const Tree* const copied = answer.find("copied");
    return failed                                 ? Rule::memoryview_get_contiguous_write_refused
           : copied != nullptr && copied->boolean ? Rule::memoryview_get_contiguous_copy
                                                  : Rule::memoryview_get_contiguous_original;
  }
  if (call == "memoryview_requests") return Rule::memoryview_request_honoured;
  if (call == "memoryview_contiguous") return Rule::memoryview_contiguous_agrees;
  if (call == "memoryview_tobytes") return Rule::memoryview_tobytes_order;
  if (call == "memoryview_tolist") return Rule::memoryview_tolist_nested;
  return Rule::memoryview_size_nbytes;
}

Tree with(Tree given, std::string key, Tree value) {
  given.map.emplace_back(std::move(key), std::move(value));
  return given;
}

Tree text(std::string_view value) { return Tree::of(std::string(value)); }

bool is_empty(const Layout& layout) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout.ndim); ++i)
    if (layout.shape[i] == 0) return true;
  return false;
}

// The layouts of the bound that the sweeps take.
class Layouts {
 public:
  Layouts(const SweepRow& sweep, std::size_t skipped) : swept_(sweep), skipped_(skipped) {}
  [[nodiscard]] std::size_t size() const { return (swept_.size() + skipped_ - 1) / skipped_; }
  [[nodiscard]] const Layout& at(std::size_t number) { return swept_.at(number * skipped_); }

 private:
  SweptLayouts swept_;
  std::size_t skipped_;
};

// A call on any layout, in one of the ways that a letter of `ways` says; on a layout that the call cannot take, a call that every
// memory allows.
struct LayoutSweep {
  std::string_view call;
  std::string_view prefix;
  std::string_view ways;
  std::function<Tree(const Layout&, char)> given;
};

Sweep over(const std::shared_ptr<Layouts>& layouts, const LayoutSweep& one) {
  return {one.call, one.prefix, layouts->size() * one.ways.size(), [=](std::size_t number) {
            return one.given(layouts->at(number / one.ways.size()), one.ways[number % one.ways.size()]);
          }};
}

Tree ordered(const Layout& layout, char order) { return with(engine::given_of(layout), "order", text({&order, 1})); }

// The elements of the layout in one block.
Layout in_one_block(const Layout& layout, char order) {
  Layout made = layout;
  made.readonly = made.has_suboffsets = false;
  made.has_strides = true;
  made.offset = 0;
  const auto dimensions = static_cast<std::size_t>(layout.ndim);
  made.block = std::max(element_count({layout.shape.data(), dimensions}).value, ssize{1}) * layout.itemsize;
  (void)fill_contiguous_strides({layout.shape.data(), dimensions}, layout.itemsize, order,
                                {made.strides.data(), dimensions});
  return made;
}

Tree plain_line() {
  Layout line;
  line.shape[0] = 4;
  line.has_strides = false;
  line.block = 4;
  return engine::given_of(line);
}

Tree last_index(const Layout& layout, char from_the_end) {
  Tree index = Tree::empty_list();
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout.ndim); ++i)
    index.list.push_back(Tree::of(std::int64_t{std::max<ssize>(layout.shape[i] - 1 - (from_the_end - '0'), 0)}));
  return index;
}

std::vector<LayoutSweep> layout_sweeps() {
  std::vector<LayoutSweep> sweeps;
  const auto add = [&](std::string_view call, std::string_view prefix, std::string_view ways,
                       std::function<Tree(const Layout&, char)> given) {
    sweeps.push_back({call, prefix, ways, std::move(given)});
  };
  add("is_contiguous", "function.is_contiguous.sweep_", "CFAXc", ordered);
  add("fill_contiguous_strides", "function.fill_contiguous_strides.sweep_", "CF", ordered);
  add("to_contiguous", "function.to_contiguous.sweep_", "CFA", [](const Layout& layout, char order) {
    return is_odd(layout) ? with(plain_line(), "order", text({&order, 1})) : ordered(layout, order);
  });
  add("from_contiguous", "function.from_contiguous.sweep_", "CFA", [](const Layout& layout, char order) {
    // Without strides the function only copies straight; on the element path it would follow the missing array.
    Layout strided = layout;
    if (!layout.has_strides && !is_contiguous(geometry_of(layout), order)) strided = in_one_block(layout, 'C');
    return is_odd(layout) ? with(plain_line(), "order", text({&order, 1})) : ordered(strided, order);
  });
  add("get_pointer", "function.get_pointer.sweep_", "01", [](const Layout& layout, char from_the_end) {
    if (is_empty(layout))
      return with(plain_line(), "index", [] {
        Tree index = Tree::empty_list();
        index.list.push_back(Tree::of(std::int64_t{2}));
        return index;
      }());
    return with(engine::given_of(layout), "index", last_index(layout, from_the_end));
  });
  add("copy_data", "function.copy_data.sweep_", "CF", [](const Layout& layout, char order) {
    const bool is_usable = !is_odd(layout);
    Tree given = Tree::empty_map();
    given.map.emplace_back("source", is_usable ? engine::given_of(layout) : plain_line());
    given.map.emplace_back("destination", is_usable ? engine::given_of(in_one_block(layout, order)) : plain_line());
    return given;
  });
  const auto viewed = [](const Layout& layout) { return is_odd(layout) ? plain_line() : engine::given_of(layout); };
  add("memoryview_contiguous", "memoryview.contiguous.sweep_", "-",
      [=](const Layout& layout, char) { return viewed(layout); });
  add("memoryview_size", "memoryview.size.sweep_", "-", [=](const Layout& layout, char) { return viewed(layout); });
  add("memoryview_tolist", "memoryview.tolist.sweep_", "-", [=](const Layout& layout, char) { return viewed(layout); });
  add("memoryview_tobytes", "memoryview.tobytes.sweep_", "CFA",
      [=](const Layout& layout, char order) { return with(viewed(layout), "order", text({&order, 1})); });
  add("memoryview_requests", "memoryview.requests.sweep_", "-",
      [](const Layout& layout, char) { return engine::given_of(layout); });
  add("get_contiguous", "memoryview.get_contiguous.sweep_", "CFAcfa", [=](const Layout& layout, char way) {
    const bool writes = way >= 'a';
    const char order = writes ? static_cast<char>(way - 'a' + 'A') : way;
    return with(with(viewed(layout), "order", text({&order, 1})), "mode", text(writes ? "WRITE" : "READ"));
  });
  return sweeps;
}

Sweep words() {
  constexpr std::size_t ways = 4;
  return {"fill_info", "function.fill_info.sweep_", flag::word_count * ways, [](std::size_t number) {
            Tree given = Tree::empty_map();
            given.map.emplace_back("len", Tree::of(std::int64_t{number % 3 == 0 ? 0 : 10}));
            given.map.emplace_back("flags", Tree::of(static_cast<std::int64_t>(number / ways)));
            given.map.emplace_back("readonly", Tree::of((number & 1U) != 0));
            given.map.emplace_back("exporter", Tree::of((number & 2U) != 0));
            return given;
          }};
}

// Each code with each count in each order; and pairs of codes.
Sweep formats(const Tables& tables, std::size_t skipped) {
  auto texts = std::make_shared<std::vector<std::string>>();
  std::vector<std::string> orders{""};
  for (const FormatOrderRow& row : tables.orders) orders.push_back(row.prefix);
  std::size_t pairs = 0;
  for (const std::string& order : orders)
    for (const FormatCodeRow& one : tables.codes) {
      for (const char* count : {"", "0", "1", "2", "3", "7", "010", "65536", "1152921504606846976"})
        texts->push_back(order + count + one.code);
      for (const FormatCodeRow& other : tables.codes)
        for (const char* before : {"", "0", "3"})
          for (const char* between : {"", "0", "2", " "})
            if (pairs++ % skipped == 0) texts->push_back(order + before + one.code + between + other.code);
    }
  return {"size_from_format", "function.size_from_format.sweep_", texts->size(),
          [texts](std::size_t number) { return with(Tree::empty_map(), "format", Tree::of((*texts)[number])); }};
}

// The call, with what the reference answers to it as what is owed.
Scenario owed_by_the_reference(std::string_view call, Tree given, const CaseOptions& options) {
  Scenario scenario;
  scenario.target = Target::function;
  scenario.edition = options.edition;
  scenario.steps = {{StepKind::call, 0, 0}};
  library::ReferenceLibrary reference(options.runtime);
  Tree answer = *reference.call(call, given, options.edition).answer;
  const Rule rule = rule_of(call, given, answer);
  scenario.call = std::make_shared<const Call>(Call{.rule = rule,
                                                    .name = std::string(call),
                                                    .given = std::move(given),
                                                    .expect = std::move(answer),
                                                    .rules = {},
                                                    .since = 0});
  return scenario;
}

}  // namespace

void append_runtime_sweeps(const Tables& tables, const CaseOptions& options,
                           const std::function<bool(std::string_view)>& is_wanted, CaseList& cases) {
  const SweepRow* const bound = tables.sweep(options.bound);
  if (bound == nullptr) return;
  const auto layouts = std::make_shared<Layouts>(*bound, bound->name == "full" ? 1 : layouts_skipped);
  std::vector<Sweep> sweeps;
  for (const LayoutSweep& one : layout_sweeps()) sweeps.push_back(over(layouts, one));
  sweeps.push_back(words());
  sweeps.push_back(formats(tables, options.bound == "full" ? 1 : pairs_skipped));
  for (const Sweep& sweep : sweeps) {
    if (!is_wanted(sweep.call)) continue;
    cases.append(std::string(sweep.prefix), sweep.count, [sweep, options](std::size_t number) {
      return owed_by_the_reference(sweep.call, sweep.given(number), options);
    });
  }
}

std::optional<Scenario> call_on_layout(const Layout& layout, std::size_t choice, const CaseOptions& options) {
  static const std::vector<LayoutSweep> all = layout_sweeps();
  std::vector<const LayoutSweep*> offered;
  for (const LayoutSweep& one : all)
    if (std::find(options.profile.operations.begin(), options.profile.operations.end(), one.call) !=
        options.profile.operations.end())
      offered.push_back(&one);
  if (offered.empty()) return std::nullopt;
  const LayoutSweep& one = *offered[choice % offered.size()];
  const char way = one.ways[choice / offered.size() % one.ways.size()];
  try {
    return owed_by_the_reference(one.call, one.given(layout, way), options);
  } catch (const std::exception&) {  // a memory that no call of that name takes
    return std::nullopt;
  }
}

}  // namespace bufspec::suites
