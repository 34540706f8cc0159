// Consumers: our exporter is handed over, of every layout and format, placed and behaving in every way (rules consumer.*).
// What it refuses, and what is held how long, is in consumers_held.cpp; random ones are in consumers_random.cpp.
#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "bufspec/format.hpp"
#include "cases.hpp"
#include "consumer_scenarios.hpp"
#include "suites/engine/memory/packed_layout.hpp"

namespace bufspec::suites {

namespace {

constexpr std::uint32_t own_memory = behaviour::fresh_block | behaviour::own_arrays;

constexpr std::array<NamedBehaviours, 5> placed{{
    {"reads", 0},
    {"ends_at_page", behaviour::ends_at_page},
    {"begins_at_page", behaviour::begins_at_page},
    {"poisoned", own_memory | behaviour::poisoned},
    {"withdrawn", own_memory | behaviour::withdrawn | behaviour::ends_at_page},
}};

// What the memory and the struct are like beyond their place, and what else happens inside requests and releases.
constexpr std::array<NamedBehaviours, 13> behaving{{
    {"self_referential", behaviour::self_referential},
    {"redirected", behaviour::redirected},
    {"redirected_and_poisoned", behaviour::redirected | own_memory | behaviour::poisoned},
    {"fresh_block", behaviour::fresh_block},
    {"arrays_poisoned", behaviour::own_arrays | behaviour::poisoned},
    {"arrays_withdrawn", behaviour::own_arrays | behaviour::withdrawn},
    {"reenters", behaviour::reenters},
    {"reenters_and_poisons", behaviour::reenters | own_memory | behaviour::poisoned},
    {"reenters_consumer", behaviour::reenters_consumer},
    {"collects", behaviour::collects},
    {"slow", behaviour::slow},
    {"raises_at_release", behaviour::raises_at_release},
    {"other_thread", behaviour::other_thread},
}};

constexpr ssize largest_item = 1024;  // of a format that is tried; longer ones tell nothing new

// A lie, the layouts that it can be told of, and what else it takes.
struct Lie {
  std::string_view name;
  std::uint32_t behaviours;
  std::array<std::string_view, 5> layouts;
};

constexpr std::array<Lie, 7> lies{{
    {"len", behaviour::lie_len, {"bytes_one_dim", "c_1d_int", "c_2d_int", "zero_dim_int", "bytes_one_dim_readonly"}},
    {"readonly", behaviour::lie_readonly, {"bytes_one_dim", "c_1d_int", "c_2d_int", "strided_1d", "zero_dim_int"}},
    {"format", behaviour::lie_format, {"bytes_one_dim", "c_1d_int", "c_2d_int", "strided_1d", "structure_aligned"}},
    {"suboffsets", behaviour::lie_suboffsets, {"bytes_one_dim", "c_1d_int", "c_2d_int", "f_2d_int", "reversed_1d"}},
    {"obj",
     behaviour::lie_obj | behaviour::refuses_all,
     {"bytes_one_dim", "c_2d_int", "strided_1d", "pil_2d_rows", "zero_dim_int"}},
    {"obj_of_memory_error",
     behaviour::lie_obj | behaviour::refuses_all | behaviour::refusal_memory_error,
     {"bytes_one_dim", "c_2d_int"}},
    {"obj_of_writable", behaviour::lie_obj | behaviour::refuses_writable, {"bytes_one_dim", "c_2d_int", "strided_1d"}},
}};

// No item, and its memory ends where it begins: nothing that follows may be read.
Layout nothing_at_the_end(bool readonly) {
  Layout layout;
  layout.format = "B";
  layout.itemsize = 1;
  layout.shape[0] = 0;
  layout.has_strides = false;
  layout.readonly = readonly;
  layout.block = 16;
  layout.offset = layout.block;
  return layout;
}

// More than 32,767 bytes.  No more than a pipe takes: who writes what he is given into one, and reads it later, would hang.
constexpr std::array<ssize, 3> shape_of_large_bytes{2, 128, 128};
constexpr std::array<ssize, 2> shape_of_large_items{32, 128};
// More than a consumer that copies piece by piece takes at once, with gaps; the bytes of a scenario can spell no more.
constexpr std::array<ssize, 2> shape_of_large_rows{120, 250};
constexpr std::array<ssize, 2> shape_apart{100, 40};

// Numbers whose highest bit is set, and texts that no zero ends.
struct NoZero {
  std::string_view name;
  std::string_view format;
  ssize itemsize;
  ssize count;
};
constexpr std::array<NoZero, 19> without_zeros{{
    {"one_digit", "B", 1, 1},      {"one_signed_byte", "b", 1, 1}, {"one_short", "h", 2, 1},
    {"one_int", "i", 4, 1},        {"one_long", "q", 8, 1},        {"one_double", "d", 8, 1},
    {"digits", "B", 1, 16},        {"more_digits", "B", 1, 64},    {"characters", "c", 1, 16},
    {"signed_bytes", "b", 1, 16},  {"shorts", "h", 2, 8},          {"unsigned_shorts", "H", 2, 8},
    {"ints", "i", 4, 6},           {"unsigned_ints", "I", 4, 6},   {"longs", "q", 8, 5},
    {"unsigned_longs", "Q", 8, 5}, {"halves", "e", 2, 8},          {"floats", "f", 4, 6},
    {"doubles", "d", 8, 5},
}};

// Numbers of which a typed consumer takes one format alone.
struct TypedNumbers {
  std::string_view name;
  std::string_view format;
  ssize itemsize;
};
constexpr std::array<TypedNumbers, 11> typed_numbers{{
    {"signed_bytes", "b", 1},
    {"shorts", "h", 2},
    {"unsigned_shorts", "H", 2},
    {"ints", "i", 4},
    {"unsigned_ints", "I", 4},
    {"longs", "l", sizeof(long)},
    {"unsigned_longs", "L", sizeof(long)},
    {"long_longs", "q", 8},
    {"unsigned_long_longs", "Q", 8},
    {"floats", "f", 4},
    {"doubles", "d", 8},
}};

// Five numbers in a row, and three rows of four.
constexpr std::array<ssize, 1> shape_of_row{5};
constexpr std::array<ssize, 2> shape_of_rows{3, 4};

// Three dimensions of numbers, of which one runs backwards.
Layout reversed_in(int backwards) {
  Layout layout;
  layout.format = "i";
  layout.itemsize = 4;
  layout.ndim = 3;
  layout.shape[0] = 2;
  layout.shape[1] = 3;
  layout.shape[2] = 4;
  layout.strides[0] = 48;
  layout.strides[1] = 16;
  layout.strides[2] = 4;
  layout.block = 96;
  const auto d = static_cast<std::size_t>(backwards);
  layout.offset = (layout.shape[d] - 1) * layout.strides[d];
  layout.strides[d] = -layout.strides[d];
  return layout;
}

// Four dimensions whose order in memory is not that of the indices, with room for an item behind each: no stride is another's
// product.
Layout turned(std::string_view format, ssize itemsize) {
  constexpr std::array<ssize, 4> shape{2, 3, 4, 2};
  constexpr std::array<std::size_t, 4> innermost_first{1, 3, 0, 2};
  Layout layout = engine::packed_layout(format, itemsize, shape);
  layout.has_strides = true;
  ssize stride = 2 * itemsize;
  for (const std::size_t d : innermost_first) {
    layout.strides[d] = stride;
    stride *= shape[d];
  }
  layout.block = stride;
  return layout;
}

// Whether buf may be NULL: no item, and no pointer on the way to one.
bool has_nothing_to_point_to(const Layout& layout) noexcept {
  const auto end = layout.shape.begin() + layout.ndim;
  return !layout.has_suboffsets && std::find(layout.shape.begin(), end, 0) != end;
}

// Rows of items of `format`, with so many bytes between the rows, and between the items.
Layout with_gaps(std::string_view format, ssize itemsize, std::span<const ssize, 2> shape, ssize rows, ssize items) {
  Layout layout = engine::packed_layout(format, itemsize, shape);
  layout.has_strides = true;
  layout.strides[1] = itemsize + items;
  layout.strides[0] = shape[1] * layout.strides[1] + rows;
  layout.block = shape[0] * layout.strides[0];
  return layout;
}

// Numbers of one format in each way of lying that is not the plain one.
std::array<std::pair<std::string_view, Layout>, 4> laid_out(const TypedNumbers& numbers) {
  const ssize size = numbers.itemsize;
  const auto [rows, columns] = shape_of_rows;
  Layout strided = engine::packed_layout(numbers.format, size, shape_of_row);
  strided.has_strides = true;
  Layout reversed = strided;
  strided.strides[0] = 2 * size;
  strided.block *= 2;
  reversed.strides[0] = -size;
  reversed.offset = reversed.block - size;
  Layout fortran = engine::packed_layout(numbers.format, size, shape_of_rows);
  fortran.has_strides = true;
  fortran.strides[0] = size;
  fortran.strides[1] = rows * size;
  return {{{"strided", strided},
           {"reversed", reversed},
           {"rows_apart", with_gaps(numbers.format, size, shape_of_rows, columns * size, 0)},
           {"fortran", fortran}}};
}

// Three items of `format`, or nothing if it is none, or says nothing of the memory.
std::optional<Layout> row_of(const std::string& format) {
  const Result<FormatSize> size = format_size(format);
  if (!size.ok() || size.value.size == 0 || size.value.size > largest_item || holds_pointers(format))
    return std::nullopt;
  const ssize three = 3;
  return engine::packed_layout(format, size.value.size, {&three, 1});
}

}  // namespace

bool holds_pointers(std::string_view format) noexcept { return format.find_first_of("O&X") != std::string_view::npos; }

Scenario consumer_scenario(const Layout& layout, std::uint32_t behaviours, Edition edition) {
  Scenario scenario;
  scenario.target = Target::consumer;
  scenario.edition = edition;
  scenario.layout = layout;
  scenario.behaviours = behaviours;
  scenario.steps = {
      {StepKind::consume, 0, 0}, {StepKind::read, 0, 0}, {StepKind::release, 0, 0}, {StepKind::collect, 0, 0}};
  return scenario;
}

std::vector<const LayoutRow*> ConsumerMemories::named(std::span<const std::string_view> names) const {
  std::vector<const LayoutRow*> found;
  for (const LayoutRow* row : all) {
    const bool is_named = std::find(names.begin(), names.end(), row->name) != names.end();
    if (is_fitted ? found.size() < names.size() : is_named) found.push_back(row);
  }
  return found;
}

ConsumerMemories consumer_memories(const Tables& tables, const Profile& profile) {
  ConsumerMemories memories;
  memories.is_fitted = !profile.memories.empty();
  for (const LayoutRow& row : memories.is_fitted ? profile.memories : tables.layouts) memories.all.push_back(&row);
  if (memories.is_fitted) {
    memories.telling = memories.all;
    return memories;
  }
  for (const std::string_view name :
       {"bytes_one_dim", "bytes_one_dim_readonly", "c_2d_int", "f_2d_int", "strided_1d", "reversed_1d", "zero_dim_int",
        "empty_1d", "pil_2d_rows", "structure_aligned", "unaligned_1d", "extent_one_rows_huge"})
    if (const LayoutRow* row = tables.layout(name)) memories.telling.push_back(row);
  return memories;
}

std::vector<Case> consumer_layout_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  cases.reserve(placed.size() * memories.all.size());
  for (const NamedBehaviours& one : placed)
    for (const LayoutRow* row : memories.all)
      cases.push_back({consumer_id(one.name, row->name), consumer_scenario(row->layout, one.behaviours, edition)});
  // A write shows where nothing can be written, even one that is undone.
  for (const LayoutRow* row : memories.all) {
    if (row->layout.readonly) continue;
    Layout layout = row->layout;
    layout.readonly = true;
    cases.push_back({consumer_id("readonly", row->name), consumer_scenario(layout, behaviour::ends_at_page, edition)});
  }
  return cases;
}

std::vector<Case> consumer_edge_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const LayoutRow* row : memories.all)
    if (has_nothing_to_point_to(row->layout))
      cases.push_back(
          {consumer_id("null_if_empty", row->name), consumer_scenario(row->layout, behaviour::null_if_empty, edition)});
  for (const auto& [name, layout] : {std::pair{"bytes_large", engine::packed_layout("B", 1, shape_of_large_bytes)},
                                     std::pair{"items_large", engine::packed_layout("d", 8, shape_of_large_items)},
                                     std::pair{"rows_apart_large", with_gaps("B", 1, shape_of_large_rows, 20, 0)},
                                     std::pair{"items_apart_large", with_gaps("i", 4, shape_apart, 0, 4)}})
    for (const NamedBehaviours& one :
         {NamedBehaviours{"reads", 0}, NamedBehaviours{"poisoned", own_memory | behaviour::poisoned}})
      cases.push_back({consumer_id(one.name, name), consumer_scenario(layout, one.behaviours, edition)});
  // What reads on until a zero, or until what is no digit, leaves the memory.
  for (const NoZero& one : without_zeros)
    cases.push_back({consumer_id("no_zero_byte", one.name),
                     consumer_scenario(engine::packed_layout(one.format, one.itemsize, {&one.count, 1}),
                                       behaviour::no_zero_byte | behaviour::ends_at_page, edition)});
  for (const auto& [name, backwards] :
       {std::pair{"reversed_3d_first", 0}, std::pair{"reversed_3d_middle", 1}, std::pair{"reversed_3d_last", 2}})
    cases.push_back({consumer_id("reads", name), consumer_scenario(reversed_in(backwards), 0, edition)});
  for (const auto& [name, layout] :
       {std::pair{"turned_4d_bytes", turned("B", 1)}, std::pair{"turned_4d_ints", turned("i", 4)}})
    cases.push_back({consumer_id("reads", name), consumer_scenario(layout, 0, edition)});
  for (const TypedNumbers& numbers : typed_numbers)
    for (const auto& [name, layout] : laid_out(numbers)) {
      const std::string full = std::string(name) + "_" + std::string(numbers.name);
      cases.push_back({consumer_id("reads", full), consumer_scenario(layout, 0, edition)});
      // From buf on, which is the last item, there is nothing behind it.
      if (layout.strides[0] < 0)
        cases.push_back(
            {consumer_id("ends_at_page", full), consumer_scenario(layout, behaviour::ends_at_page, edition)});
    }
  for (const bool readonly : {false, true})
    cases.push_back({consumer_id("ends_at_page", readonly ? "nothing_at_the_end_readonly" : "nothing_at_the_end"),
                     consumer_scenario(nothing_at_the_end(readonly), behaviour::ends_at_page, edition)});
  return cases;
}

std::vector<Case> fitted_without_zeros(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  cases.reserve(memories.all.size());
  for (const LayoutRow* row : memories.all)
    cases.push_back({consumer_id("no_zero_byte", row->name),
                     consumer_scenario(row->layout, behaviour::no_zero_byte | behaviour::ends_at_page, edition)});
  return cases;
}

std::vector<Case> consumer_format_cases(const Tables& tables, Edition edition) {
  constexpr std::string_view area = "format.";
  std::vector<Case> cases;
  std::set<std::string> seen;
  for (const LayoutRow& row : tables.layouts) seen.insert(row.layout.format);
  for (const RuleRow& rule : tables.rules) {
    if (!rule.id.starts_with(area)) continue;
    std::string topic = rule.id.substr(area.size());
    for (char& one : topic)
      if (one == '.') one = '_';
    for (const CaseRow& row : rule.cases) {
      const TableValue* format = row.given.find("format");
      if (format == nullptr || !format->is_string() || !seen.insert(format->string).second) continue;
      if (const auto layout = row_of(format->string))
        cases.push_back({consumer_id("format", topic + "_" + row.id), consumer_scenario(*layout, 0, edition)});
    }
  }
  return cases;
}

std::vector<Case> consumer_behaviour_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const NamedBehaviours& one : behaving)
    for (const LayoutRow* row : memories.telling)
      cases.push_back({consumer_id(one.name, row->name), consumer_scenario(row->layout, one.behaviours, edition)});
  return cases;
}

std::vector<Case> consumer_lie_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const Lie& lie : lies)
    for (const LayoutRow* row : memories.named(lie.layouts))
      cases.push_back({consumer_id(std::string("lies_about_") + std::string(lie.name), row->name),
                       consumer_scenario(row->layout, lie.behaviours, edition)});
  return cases;
}

CaseList consumer_cases(const Tables& tables, const CaseOptions& options) {
  const Edition edition = options.edition;
  const ConsumerMemories memories = consumer_memories(tables, options.profile);
  CaseList cases;
  cases.append(consumer_layout_cases(memories, edition));
  if (memories.is_fitted) {
    cases.append(fitted_without_zeros(memories, edition));
  } else {
    cases.append(consumer_edge_cases(memories, edition));
    cases.append(consumer_format_cases(tables, edition));
  }
  cases.append(consumer_behaviour_cases(memories, edition));
  cases.append(consumer_refusal_cases(memories, edition));
  cases.append(consumer_held_cases(memories, edition));
  append_consumer_random_cases(memories, options, cases);
  cases.append(consumer_often_cases(memories, edition));
  cases.append(consumer_lie_cases(memories, edition));
  return cases;
}

}  // namespace bufspec::suites
