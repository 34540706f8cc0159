// Does the reference find the elements, and their order, where counting through their addresses finds them?
// Complete within the bound of the request sweep; the table side enumerates and computes no strides of its own.
#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>

#include "bufspec/exporter.hpp"
#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "fact_set.hpp"
#include "layout_sweep.hpp"
#include "oracle.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {
namespace {

// Each layout of the bound, and each named one.
template <typename Visit>
std::size_t every_layout(const Visit& visit) {
  for (const LayoutRow& row : tables().layouts) visit(row.layout);
  return tables().layouts.size() + each_layout(bound(), visit);
}

TEST(LayoutOracle, ContiguityIsWhatTheAddressesSay) {
  Disagreements disagreements;
  const std::size_t layouts = every_layout([&](const Layout& layout) {
    for (const char order : {'C', 'F', 'A', 'c', 'X', '\0'}) {
      const bool found = is_contiguous(geometry_of(layout), order);
      if (found != enumerates_contiguously(layout, order))
        disagreements.add(describe(layout) + ", order '" + order + "': expected " + (found ? "0" : "1") + ", found " +
                          (found ? "1" : "0"));
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << "complete up to this bound (" << bound().name << "): " << layouts << " layouts x 6 orders\n";
}

TEST(LayoutOracle, FactsAreThoseOfTheAddresses) {
  Disagreements disagreements;
  every_layout([&](const Layout& layout) {
    const FactSet owed = facts_by_enumeration(layout);
    const FactSet found = fact_set(facts_of(geometry_of(layout), layout.readonly));
    if (owed != found)
      disagreements.add(describe(layout) + ": expected " + describe(owed) + "; found " + describe(found));
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST(LayoutOracle, NamedLayoutsAreOfTheirClass) {
  for (const LayoutRow& row : tables().layouts) {
    const ClassRow* owed = nullptr;
    for (const ClassRow& one : tables().classes)
      if (one.name == row.class_name) owed = &one;
    ASSERT_NE(owed, nullptr) << row.place.file << ':' << row.place.line << ": no class " << row.class_name;
    const FactSet facts = facts_of_class(*owed, row.layout.readonly);
    EXPECT_EQ(describe(facts), describe(facts_by_enumeration(row.layout)))
        << row.name << " of class " << row.class_name;
    EXPECT_EQ(describe(facts), describe(fact_set(facts_of(geometry_of(row.layout), row.layout.readonly)))) << row.name;
    bool empty = false;
    for (std::size_t i = 0; i < dimensions(row.layout); ++i) empty = empty || row.layout.shape[i] == 0;
    EXPECT_EQ(owed->empty, empty) << row.name << " of class " << row.class_name;
    EXPECT_TRUE(well_formed(row.layout).ok()) << row.name << ": " << well_formed(row.layout).reason;
    const Result<FormatSize> size = format_size(row.layout.format);
    EXPECT_TRUE(size.ok() && size.value.size == row.layout.itemsize) << row.name << ": format " << row.layout.format;
  }
}

TEST(LayoutOracle, EveryClassHasALayout) {
  for (const ClassRow& one : tables().classes) {
    bool used = false;
    for (const LayoutRow& row : tables().layouts) used = used || row.class_name == one.name;
    EXPECT_TRUE(used) << one.name;
  }
}

TEST(LayoutOracle, ContiguousStridesAreProductsOfExtents) {
  Disagreements disagreements;
  every_layout([&](const Layout& layout) {
    if (layout.readonly || (layout.has_strides && layout.ndim < max_ndim)) return;  // each shape once
    for (const char order : {'C', 'F', 'A', 'x'}) {
      Extents found{};
      const std::size_t n = dimensions(layout);
      const Status filled =
          fill_contiguous_strides({layout.shape.data(), n}, layout.itemsize, order, {found.data(), n});
      const auto owed = strides_by_products(layout, order == 'F');
      if (!filled.ok() || !owed || found != *owed)
        disagreements.add(describe(layout) + ", order '" + order + "': strides of another block");
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST(LayoutOracle, ContiguousStridesThatDoNotFitAreAnError) {
  const ssize large = ssize{1} << 32;
  for (const char order : {'C', 'F'}) {
    const std::array<ssize, 3> shape{large, large, large};
    std::array<ssize, 3> strides{};
    EXPECT_EQ(fill_contiguous_strides(shape, 1, order, strides).error, Error::overflow_error);
    // The stride of the slowest dimension does not take its own extent.
    const std::array<ssize, 2> fits{large, large};
    EXPECT_TRUE(fill_contiguous_strides(fits, 1, order, std::span(strides).first(2)).ok());
  }
}

// The address of an element as the document's rule has it: step, then follow the pointer, then the suboffset.
const char* element_at(const Exporter& exporter, const Extents& index) {
  const Layout& layout = exporter.layout();
  const char* place = exporter.buf();
  for (std::size_t i = 0; i < dimensions(layout); ++i) {
    if (index[i] != 0) place += layout.strides[i] * index[i];
    if (!layout.has_suboffsets || layout.suboffsets[i] < 0) continue;
    const char* target = nullptr;
    std::memcpy(&target, place, sizeof target);
    place = target + layout.suboffsets[i];
  }
  return place;
}

TEST(LayoutOracle, ElementsLieWhereStridesAndPointersLead) {
  Exporter exporter;
  Disagreements disagreements;
  std::size_t elements = 0;
  every_layout([&](const Layout& layout) {
    if (layout.readonly) return;
    ASSERT_TRUE(exporter.build(layout).ok()) << describe(layout);
    const std::size_t n = dimensions(layout);
    const auto count = element_count({layout.shape.data(), n});
    if (!count.ok() || count.value == 0) return;
    Extents index{};
    std::map<const char*, char> owed_bytes;
    for (ssize k = 0; k < count.value; ++k, ++elements) {
      const char* owed = element_at(exporter, index);
      const char* found = element_pointer(exporter.buf(), geometry_of(layout), {index.data(), n});
      if (found != owed) disagreements.add(describe(layout) + ": element " + std::to_string(k) + " is elsewhere");
      // Where elements share bytes, the first of them is what they hold.
      std::vector<char> bytes(static_cast<std::size_t>(layout.itemsize));
      element_bytes(k, bytes);
      for (std::size_t i = 0; i < bytes.size(); ++i)
        if (owed_bytes.emplace(owed + i, bytes[i]).first->second != owed[i])
          disagreements.add(describe(layout) + ": element " + std::to_string(k) + " holds other bytes");
      EXPECT_EQ(advance_index({index.data(), n}, {layout.shape.data(), n}, false), k + 1 < count.value);
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << elements << " elements found\n";
}

TEST(LayoutOracle, FortranOrderTurnsTheFirstIndexFastest) {
  Layout layout;
  layout.ndim = 3;
  layout.shape[0] = 2;
  layout.shape[1] = 3;
  layout.shape[2] = 2;
  layout.has_strides = false;
  layout.block = 12;
  Extents index{};
  Exporter exporter;
  ASSERT_TRUE(exporter.build(layout).ok());
  for (const ssize owed : element_offsets(layout, true)) {
    EXPECT_EQ(element_pointer(exporter.buf(), geometry_of(layout), {index.data(), 3}) - exporter.buf(), owed);
    (void)advance_index({index.data(), 3}, {layout.shape.data(), 3}, true);
  }
}

TEST(LayoutOracle, ABlockThatIsTooSmallIsNotWellFormed) {
  Disagreements disagreements;
  every_layout([&](const Layout& layout) {
    if (layout.readonly || layout.has_suboffsets) return;
    const auto offsets = element_offsets(layout, false);
    ssize lowest = 0;
    ssize highest = 0;
    for (const ssize offset : offsets) {
      lowest = std::min(lowest, offset);
      highest = std::max(highest, offset);
    }
    Layout tight = layout;
    tight.offset = -lowest;
    tight.block = highest - lowest + (offsets.empty() ? 0 : layout.itemsize);
    if (!well_formed(tight).ok()) disagreements.add(describe(tight) + ": refused though it fits");
    if (offsets.empty()) return;
    --tight.block;
    if (well_formed(tight).ok()) disagreements.add(describe(tight) + ": the last element ends behind the block");
    tight.block += 2;
    --tight.offset;
    if (well_formed(tight).ok()) disagreements.add(describe(tight) + ": an element begins before the block");
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST(LayoutOracle, SizesThatDoNotFitAreErrors) {
  const ssize large = ssize{1} << 40;
  EXPECT_EQ(element_count(std::array<ssize, 2>{large, large}).error, Error::value_error);
  EXPECT_EQ(element_count(std::array<ssize, 3>{large, large, 0}).value, 0);
  EXPECT_TRUE(element_count(std::array<ssize, 3>{large, large, 0}).ok());
  EXPECT_EQ(element_count(std::array<ssize, 2>{0, -1}).error, Error::value_error);
  EXPECT_EQ(byte_length(large, large).error, Error::overflow_error);
  EXPECT_EQ(byte_length(3, 4).value, 12);
  EXPECT_FALSE(byte_length(-1, 4).ok());
  EXPECT_FALSE(byte_length(1, -4).ok());
}

}  // namespace
}  // namespace bufspec::oracle
