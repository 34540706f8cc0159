#include "generators.hpp"

#include <algorithm>
#include <utility>

namespace bufspec {

namespace {

namespace gen = rc::gen;

// A number of [low, high), whatever size the surrounding generator works at.
template <typename Number>
rc::Gen<Number> number(Number low, Number high) {
  return gen::resize(rc::kNominalSize, gen::inRange<Number>(low, high));
}

rc::Gen<bool> once_in(int rounds) {
  return gen::map(number(0, rounds), [rounds](int drawn) { return drawn == rounds - 1; });
}

// A vector of at most `most` elements.
template <typename Element>
rc::Gen<std::vector<Element>> up_to(int most, const rc::Gen<Element>& element) {
  return gen::resize(most, gen::container<std::vector<Element>>(gen::resize(rc::kNominalSize, element)));
}

constexpr ssize pointer_size = 8;

// One dimension before the strides are worked out.
struct Dimension {
  ssize extent = 1;
  ssize gap = 1;         // every gap-th place is an element
  bool reversed = false;
  bool pointer = false;
  ssize suboffset = 0;   // in bytes
  ssize stray = 0;       // a stride of its own, where elements may share memory
};

rc::Gen<Dimension> dimensions() {
  return gen::build<Dimension>(
      gen::set(&Dimension::extent, gen::weightedElement<ssize>({{1, 0}, {4, 1}, {6, 2}, {5, 3}, {2, 4}})),
      gen::set(&Dimension::gap, gen::weightedElement<ssize>({{5, 1}, {2, 2}, {1, 3}})),
      gen::set(&Dimension::reversed, once_in(3)), gen::set(&Dimension::pointer, once_in(3)),
      gen::set(&Dimension::suboffset, number<ssize>(0, 9)), gen::set(&Dimension::stray, number<ssize>(-12, 13)));
}

struct ItemFormat {
  const char* text;
  ssize size;
};
constexpr std::array<ItemFormat, 12> item_formats{{{"B", 1},
                                                   {"i", 4},
                                                   {"h", 2},
                                                   {"q", 8},
                                                   {"d", 8},
                                                   {"?", 1},
                                                   {">i", 4},
                                                   {"=h", 2},
                                                   {"3s", 3},
                                                   {"<q", 8},
                                                   {"hb", 3},
                                                   {"T{<h:x:<h:y:}", 4}}};

// What is drawn for a layout beside its dimensions.
struct Manner {
  std::size_t format = 0;
  bool readonly = false;
  bool fortran = false;     // inside a block the first dimension varies fastest
  bool absent = false;      // no strides, where the dimensions allow it
  bool stray = false;       // strides as drawn: elements may overlap
  ssize offset = 0;
};

rc::Gen<Manner> manners() {
  return gen::build<Manner>(gen::set(&Manner::format, number<std::size_t>(0, item_formats.size())),
                            gen::set(&Manner::readonly, once_in(4)), gen::set(&Manner::fortran, once_in(3)),
                            gen::set(&Manner::absent, once_in(6)), gen::set(&Manner::stray, once_in(4)),
                            gen::set(&Manner::offset, gen::weightedElement<ssize>({{4, 0}, {1, 1}, {1, 8}})));
}

// Strides of dimensions [first, last], which step over units of `unit` bytes, nested so that no two places meet.
void nest(Layout& layout, const std::vector<Dimension>& drawn, std::size_t first, std::size_t last, ssize unit,
          bool fortran) {
  ssize step = unit;
  for (std::size_t k = first; k <= last; ++k) {
    const std::size_t i = fortran ? k : last - (k - first);
    step *= drawn[i].gap;
    layout.strides[i] = drawn[i].reversed ? -step : step;
    step *= std::max<ssize>(1, drawn[i].extent);
  }
}

// Room for every element, and `offset` more in front.
void place(Layout& layout, ssize offset) {
  ssize below = 0;
  ssize above = 0;
  ssize elements = 1;
  const auto n = static_cast<std::size_t>(layout.ndim);
  for (std::size_t i = 0; i < n; ++i) elements *= layout.shape[i];
  for (std::size_t i = 0; elements > 0 && i < n; ++i) {
    const ssize reach = layout.strides[i] * (layout.shape[i] - 1);
    (reach < 0 ? below : above) += reach;
  }
  layout.offset = offset - below;
  layout.block = layout.offset + above + layout.itemsize;
}

Layout layout_from(const std::vector<Dimension>& drawn, const Manner& manner, bool distinct, bool direct) {
  Layout layout;
  layout.format = item_formats[manner.format].text;
  layout.itemsize = item_formats[manner.format].size;
  layout.readonly = manner.readonly;
  layout.ndim = static_cast<int>(drawn.size());
  const bool stray = manner.stray && !distinct;
  std::size_t first = 0;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    layout.shape[i] = drawn[i].extent;
    layout.suboffsets[i] = -1;
    if (direct || stray || manner.absent || !drawn[i].pointer) continue;
    layout.has_suboffsets = true;
    layout.suboffsets[i] = drawn[i].suboffset;
    nest(layout, drawn, first, i, pointer_size, false);
    first = i + 1;
  }
  if (first < drawn.size()) nest(layout, drawn, first, drawn.size() - 1, layout.itemsize, manner.fortran);
  for (std::size_t i = 0; stray && i < drawn.size(); ++i) layout.strides[i] = drawn[i].stray;
  if (manner.absent) {
    layout.has_strides = false;
    if (const auto strides = strides_by_products(layout, false)) layout.strides = *strides;
  }
  if (!layout.has_suboffsets) place(layout, manner.offset);
  return layout;
}

rc::Gen<Layout> layouts_of(bool distinct, bool direct) {
  return gen::map(gen::pair(up_to(4, dimensions()), manners()), [distinct, direct](const auto& drawn) {
    return layout_from(drawn.first, drawn.second, distinct, direct);
  });
}

using Item = FormatTree::Item;

rc::Gen<std::optional<ssize>> counts() {
  using Count = std::optional<ssize>;
  return gen::weightedElement<Count>({{8, Count{}},
                                      {1, Count{0}},
                                      {2, Count{1}},
                                      {4, Count{2}},
                                      {3, Count{3}},
                                      {1, Count{9}},
                                      {1, Count{ssize{1} << 40}}});
}

// A code; where `of_struct`, mostly one of the smaller grammar.
rc::Gen<const FormatCodeRow*> codes(const Tables& tables, bool of_struct) {
  std::vector<const FormatCodeRow*> drawn_from;
  for (const FormatCodeRow& row : tables.codes)
    if (row.code != "&") drawn_from.insert(drawn_from.end(), of_struct && row.grammar.in_struct ? 12 : 1, &row);
  return gen::elementOf(std::move(drawn_from));
}

rc::Gen<const FormatOrderRow*> orders(const Tables& tables, int once) {
  std::vector<const FormatOrderRow*> rows;
  rows.reserve(tables.orders.size());
  for (const FormatOrderRow& row : tables.orders) rows.push_back(&row);
  return gen::map(gen::pair(number(0, once), gen::elementOf(rows)), [once](const auto& drawn) {
    return drawn.first == once - 1 ? drawn.second : static_cast<const FormatOrderRow*>(nullptr);
  });
}

rc::Gen<std::string> names() {
  return gen::weightedElement<std::string>({{6, ""}, {2, "a"}, {1, "two words"}, {1, "T{<"}});
}

// A code with everything that may stand around it; `depth` structures may still be opened inside.
rc::Gen<Item> items(const Tables& tables, int depth) {
  rc::Gen<Item> plain = gen::build<Item>(
      gen::set(&Item::order, orders(tables, 4)), gen::set(&Item::count, counts()),
      gen::set(&Item::shape, gen::weightedElement<std::vector<ssize>>({{8, {}}, {1, {2}}, {1, {2, 3}}, {1, {0, 3}}})),
      gen::set(&Item::pointers, gen::weightedElement<int>({{10, 0}, {1, 1}, {1, 2}})),
      gen::set(&Item::code, codes(tables, false)), gen::set(&Item::name, names()),
      gen::set(&Item::space_behind, once_in(6)));
  if (depth == 0) return plain;
  // Drawn in pairs, so that a structure shrinks to one of its members.
  return gen::map(gen::tuple(plain, once_in(3), up_to(4, items(tables, depth - 1))), [](auto drawn) {
    Item item = std::move(std::get<0>(drawn));
    if (!std::get<1>(drawn)) return item;
    item.code = nullptr;
    item.members = std::move(std::get<2>(drawn));
    return item;
  });
}

rc::Gen<Item> struct_items(const Tables& tables) {
  return gen::build<Item>(gen::set(&Item::order, orders(tables, 12)), gen::set(&Item::count, counts()),
                          gen::set(&Item::code, codes(tables, true)), gen::set(&Item::space_behind, once_in(6)));
}

}  // namespace

rc::Gen<int> flag_words() {
  return gen::weightedOneOf<int>({{8, number(0, flag::word_count)}, {1, gen::arbitrary<int>()}});
}

rc::Gen<Layout> layouts(bool distinct) { return layouts_of(distinct, false); }

rc::Gen<Layout> direct_layouts(bool distinct) { return layouts_of(distinct, true); }

rc::Gen<Scenario> scenarios() {
  return gen::map(gen::arbitrary<std::vector<std::uint8_t>>(),
                  [](const std::vector<std::uint8_t>& bytes) { return decode(bytes); });
}

rc::Gen<Scenario> sequences(int operations, std::optional<Layout> layout) {
  const auto words = gen::weightedOneOf<int>(
      {{6, gen::element(flag::FULL_RO, flag::SIMPLE, flag::FULL, flag::STRIDED_RO, flag::CONTIG_RO)},
       {1, flag_words()}});
  const auto kinds = gen::weightedElement<StepKind>({{8, StepKind::acquire},
                                                     {2, StepKind::acquire_direct},
                                                     {5, StepKind::release},
                                                     {2, StepKind::release_copy},
                                                     {1, StepKind::release_raising},
                                                     {6, StepKind::read},
                                                     {3, StepKind::write},
                                                     {operations > 0 ? 4U : 0U, StepKind::mutate},
                                                     {1, StepKind::another},
                                                     {2, StepKind::collect},
                                                     {1, StepKind::drop},
                                                     {2, StepKind::reenter},
                                                     {1, StepKind::repeat},
                                                     {1, StepKind::hold}});
  const auto steps = gen::map(gen::tuple(kinds, number(0, 4), words, number(0, std::max(operations, 1)), number(1, 9)),
                              [](const auto& drawn) {
                                const auto& [kind, slot, word, operation, count] = drawn;
                                Step step{kind, static_cast<std::uint8_t>(slot), word};
                                if (has_operation(kind)) step.flags = operation;
                                if (kind == StepKind::repeat || kind == StepKind::hold) step.count = count;
                                return step;
                              });
  return gen::map(up_to(40, steps), [layout = std::move(layout)](std::vector<Step> drawn) {
    Scenario scenario;
    scenario.layout = layout;
    scenario.steps = std::move(drawn);
    bool is_dropped = false;
    std::erase_if(scenario.steps, [&is_dropped](const Step& step) {
      const bool was_dropped = std::exchange(is_dropped, is_dropped || step.kind == StepKind::drop);
      const SlotUse use = use_of_slot(step.kind);
      const bool needs_view = use == SlotUse::needs || use == SlotUse::frees;
      return was_dropped && !needs_view && step.kind != StepKind::collect;
    });
    // Slots are put right, and flags that mean nothing dropped, by the codec.
    Scenario whole = decode(encode(scenario));
    whole.layout = std::move(scenario.layout);
    return whole;
  });
}

rc::Gen<FormatTree> format_trees(const Tables& tables) {
  return gen::map(up_to(5, items(tables, 3)), [](std::vector<Item> drawn) { return FormatTree{std::move(drawn)}; });
}

rc::Gen<FormatTree> struct_format_trees(const Tables& tables) {
  return gen::map(gen::pair(orders(tables, 2), up_to(8, struct_items(tables))), [](auto drawn) {
    FormatTree tree{std::move(drawn.second)};
    if (!tree.items.empty() && drawn.first != nullptr) tree.items.front().order = drawn.first;
    return tree;
  });
}

void showValue(const Layout& layout, std::ostream& out) { out << describe(layout); }

void showValue(const Scenario& scenario, std::ostream& out) { out << describe(scenario); }

void showValue(const FormatTree& tree, std::ostream& out) { out << '"' << text_of(tree) << '"'; }

}  // namespace bufspec
