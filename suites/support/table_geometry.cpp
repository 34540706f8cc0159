// Where elements lie, by counting through them.
#include "table_side.hpp"

namespace bufspec {

namespace {

std::size_t dimensions(const Layout& layout) { return static_cast<std::size_t>(layout.ndim); }

bool has_zero_extent(const Layout& layout) {
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (layout.shape[i] == 0) return true;
  return false;
}

// Calls visit(index) for every element; in Fortran order the first index varies fastest.
template <typename Visit>
void each_index(const Layout& layout, bool fortran, const Visit& visit) {
  if (has_zero_extent(layout)) return;
  Extents index{};
  for (;;) {
    visit(index);
    std::size_t turned = 0;
    for (; turned < dimensions(layout); ++turned) {
      const std::size_t i = fortran ? turned : dimensions(layout) - 1 - turned;
      if (++index[i] < layout.shape[i]) break;
      index[i] = 0;
    }
    if (turned == dimensions(layout)) return;
  }
}

// The place of `index` when counting in C order: what absent strides stand for.
ssize rank_in_c_order(const Layout& layout, const Extents& index) {
  ssize rank = 0;
  for (std::size_t i = 0; i < dimensions(layout); ++i) rank = rank * layout.shape[i] + index[i];
  return rank;
}

ssize offset_of(const Layout& layout, const Extents& index) {
  if (!layout.has_strides) return rank_in_c_order(layout, index) * layout.itemsize;
  ssize offset = 0;
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (index[i] != 0) offset += index[i] * layout.strides[i];
  return offset;
}

bool has_strides_of(const Layout& layout, bool fortran) {
  if (!layout.has_strides) return true;
  const auto canonical = strides_by_products(layout, fortran);
  if (!canonical) return false;
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (layout.strides[i] != (*canonical)[i]) return false;
  return true;
}

}  // namespace

std::vector<ssize> element_offsets(const Layout& layout, bool fortran) {
  std::vector<ssize> offsets;
  each_index(layout, fortran, [&](const Extents& index) { offsets.push_back(offset_of(layout, index)); });
  return offsets;
}

bool enumerates_contiguously(const Layout& layout, char order) {
  if (order == 'A') return enumerates_contiguously(layout, 'C') || enumerates_contiguously(layout, 'F');
  if (order != 'C' && order != 'F') return false;
  if (layout.has_suboffsets) return false;
  bool contiguous = true;
  ssize expected = 0;
  each_index(layout, order == 'F', [&](const Extents& index) {
    if (offset_of(layout, index) != expected) contiguous = false;
    expected += layout.itemsize;
  });
  return contiguous;
}

std::optional<Extents> strides_by_products(const Layout& layout, bool fortran) {
  Extents strides{};
  for (std::size_t i = 0; i < dimensions(layout); ++i) {
    strides[i] = layout.itemsize;
    for (std::size_t j = 0; j < dimensions(layout); ++j) {
      const bool faster = fortran ? j < i : j > i;
      if (faster && __builtin_mul_overflow(strides[i], layout.shape[j], &strides[i])) return std::nullopt;
    }
  }
  return strides;
}

Layout without_idle_suboffsets(const Layout& layout) {
  Layout made = layout;
  made.has_suboffsets = false;
  for (std::size_t i = 0; layout.has_suboffsets && i < dimensions(layout); ++i)
    if (layout.suboffsets[i] >= 0) made.has_suboffsets = true;
  return made;
}

FactSet facts_by_enumeration(const Layout& described) {
  const Layout layout = without_idle_suboffsets(described);
  FactSet facts;
  const auto set = [&](MemoryFact fact, bool holds) { facts[static_cast<std::size_t>(fact)] = holds; };
  const bool c = enumerates_contiguously(layout, 'C');
  const bool f = enumerates_contiguously(layout, 'F');
  set(MemoryFact::readonly, layout.readonly);
  set(MemoryFact::c_contiguous, c);
  set(MemoryFact::f_contiguous, f);
  set(MemoryFact::any_contiguous, c || f);
  set(MemoryFact::indirect, layout.has_suboffsets);
  set(MemoryFact::zero_dim, layout.ndim == 0);
  set(MemoryFact::ambiguous_empty, has_zero_extent(layout) && !layout.has_suboffsets &&
                                       !has_strides_of(layout, false) && !has_strides_of(layout, true));
  return facts;
}

FactSet facts_of_class(const ClassRow& row, bool readonly) {
  FactSet facts;
  const auto set = [&](MemoryFact fact, bool holds) { facts[static_cast<std::size_t>(fact)] = holds; };
  set(MemoryFact::readonly, readonly);
  set(MemoryFact::c_contiguous, row.c_contiguous);
  set(MemoryFact::f_contiguous, row.f_contiguous);
  set(MemoryFact::any_contiguous, row.c_contiguous || row.f_contiguous);
  set(MemoryFact::indirect, row.indirect);
  set(MemoryFact::zero_dim, row.zero_dim);
  set(MemoryFact::ambiguous_empty, row.ambiguous_empty);
  return facts;
}

std::string describe(const FactSet& facts) {
  std::string text;
  for (std::size_t i = 0; i < memory_fact_count; ++i)
    if (facts[i]) text += (text.empty() ? "" : ", ") + std::string(fact_name(static_cast<MemoryFact>(i)));
  return text.empty() ? "no fact" : text;
}

}  // namespace bufspec
