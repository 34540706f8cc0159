// Named layouts, their classes, the bounds of the sweeps, and the editions: layouts.yaml and editions.yaml.
#include <algorithm>

#include "tables_parts.hpp"

namespace bufspec {

namespace {

// Reads a list of extents, strides or suboffsets; its length, or -1 if there is none.
int read_extents(RowReader& row, std::string_view key, Extents& values) {
  if (row.row().find(key) == nullptr || row.row().find(key)->is_null()) {
    (void)row.optional(key);
    return -1;
  }
  const std::vector<std::int64_t> numbers = row.numbers(key);
  for (std::size_t i = 0; i < numbers.size() && i < values.size(); ++i) values[i] = static_cast<ssize>(numbers[i]);
  return static_cast<int>(numbers.size());
}

std::size_t dimensions(const Layout& layout) { return static_cast<std::size_t>(std::min(layout.ndim, max_ndim)); }

// The bytes that gap-free elements fill, at least one item; 0 if that does not fit.
ssize natural_block(const Layout& layout) {
  ssize bytes = layout.itemsize;
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (layout.shape[i] == 0) return bytes;
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (__builtin_mul_overflow(bytes, layout.shape[i], &bytes)) return 0;
  return bytes;
}

// The block that strided elements at the lowest possible offset need; false where that does not fit.
bool spanned_block(const Layout& layout, ssize& offset, ssize& block) {
  ssize below = 0;
  ssize above = 0;
  for (std::size_t n = 0; n < dimensions(layout); ++n) {
    if (layout.shape[n] == 0) {
      offset = 0;
      block = layout.itemsize;
      return true;
    }
    if (layout.shape[n] == 1) continue;
    ssize reach = 0;
    ssize& edge = layout.strides[n] < 0 ? below : above;
    if (__builtin_mul_overflow(layout.strides[n], layout.shape[n] - 1, &reach) ||
        __builtin_add_overflow(edge, reach, &edge))
      return false;
  }
  offset = -below;
  return !__builtin_add_overflow(above - below, layout.itemsize, &block);
}

}  // namespace

Layout layout_from_value(const TableValue& value, const std::string& file, std::vector<TableProblem>& problems) {
  RowReader row(value, file, problems);
  Layout made;
  made.format = row.text("format", false);
  if (made.format.empty() && row.row().find("format") == nullptr) made.format = "B";
  made.itemsize = static_cast<ssize>(row.number("itemsize", false, 1));
  made.ndim = 0;
  const int extents = read_extents(row, "shape", made.shape);
  if (extents < 0)
    row.problem(value, "no key 'shape'", "give the extents; [] for no dimensions");
  else
    made.ndim = extents;
  const int strides = read_extents(row, "strides", made.strides);
  const int suboffsets = read_extents(row, "suboffsets", made.suboffsets);
  made.has_strides = strides >= 0;
  made.has_suboffsets = suboffsets >= 0;
  if ((made.has_strides && strides != made.ndim) || (made.has_suboffsets && suboffsets != made.ndim))
    row.problem(value, "shape, strides and suboffsets differ in length", "give each of them one entry a dimension");
  made.readonly = row.flag("readonly", false);

  // Without `offset` and `block`: room for every element, the first byte of the block at the lowest of them.
  if (made.has_strides) {
    if (!spanned_block(made, made.offset, made.block)) made.block = 0;
  } else {
    made.block = natural_block(made);
  }
  made.offset = static_cast<ssize>(row.number("offset", false, made.offset));
  made.block = static_cast<ssize>(row.number("block", false, made.block));
  return made;
}

void read_layouts(const TableValue& tree, const std::string& file, LoadedTables& loaded) {
  Tables& tables = loaded.tables;
  each_row(tree, "classes", file, loaded, [&](RowReader& row) {
    tables.classes.push_back({row.text("name"), row.flag("c_contiguous"), row.flag("f_contiguous"),
                              row.flag("indirect"), row.flag("zero_dim"), row.flag("empty"),
                              row.flag("ambiguous_empty")});
    row.skip({"note"});
    row.refuse_unknown_keys();
  });
  each_row(tree, "layouts", file, loaded, [&](RowReader& row) {
    LayoutRow made;
    made.name = row.text("name");
    made.class_name = row.text("class");
    made.layout = layout_from_value(row.row(), file, loaded.problems);
    if (made.layout.ndim > max_ndim)
      row.problem(row.row(), "more than 64 dimensions", "64 are the most that there are");
    made.place = {file, row.row().line};
    row.skip({"format", "itemsize", "shape", "strides", "suboffsets", "offset", "block", "readonly", "note"});
    row.refuse_unknown_keys();
    if (tables.layout(made.name) != nullptr)
      row.problem(row.row(), "a second layout '" + made.name + "'", "names of layouts differ");
    tables.layouts.push_back(std::move(made));
  });
  each_row(tree, "sweeps", file, loaded, [&](RowReader& row) {
    SweepRow made;
    made.name = row.text("name");
    made.ndim_max = static_cast<int>(row.number("ndim_max"));
    const auto sizes = [&](std::string_view key) {
      std::vector<ssize> values;
      for (const std::int64_t value : row.numbers(key)) values.push_back(static_cast<ssize>(value));
      return values;
    };
    made.extents = sizes("extents");
    made.strides_in_items = sizes("strides_in_items");
    made.strides_for_extent_one = sizes("strides_for_extent_one");
    made.itemsizes = sizes("itemsizes");
    made.suboffsets = row.flags("suboffsets");
    made.readonly = row.flags("readonly");
    made.flags = static_cast<int>(row.number("flags"));
    row.refuse_unknown_keys();
    tables.sweeps.push_back(std::move(made));
  });
  // `editions` is a list of rows in one file only; in rules it is a key of a row.
  each_row(tree, "editions", file, loaded,
           [&](RowReader& row) { tables.editions.push_back({row.text("name"), row.text("title")}); });
}

}  // namespace bufspec
