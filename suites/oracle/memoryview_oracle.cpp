// What memoryview refuses: the edges that data cases do not reach.
#include <algorithm>
#include <array>
#include <limits>

#include "bufspec/functions.hpp"
#include "bufspec/memoryview.hpp"
#include "case_values.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {
namespace {

constexpr ssize huge = std::numeric_limits<ssize>::max();

struct Viewed {
  Exporter exporter;
  MemoryViewPointer view;

  explicit Viewed(std::string_view name) {
    build_memory(exporter, named(name));
    view = MemoryView::from_object(exporter).value;
  }
};

TEST(MemoryviewOracle, LengthIsTheFirstExtent) {
  EXPECT_EQ(Viewed("c_2d_int").view->length().value, 2);
  EXPECT_EQ(Viewed("c_1d_int").view->length().value, 6);
  const Viewed scalar("zero_dim_int");
  EXPECT_EQ(scalar.view->length().error, Error::type_error);
  EXPECT_EQ(scalar.view->length(Edition::current, 0x030c0000).error, Error::type_error);
  EXPECT_EQ(scalar.view->length(Edition::current, 0x030bffff).value, 1);
  EXPECT_EQ(scalar.view->length(Edition::founding_2010).value, 1);
  ASSERT_TRUE(scalar.view->release().ok());
  EXPECT_EQ(scalar.view->length().error, Error::value_error);
}

TEST(MemoryviewOracle, MakingOneNeedsMemoryAndAMode) {
  std::array<char, 4> memory{};
  EXPECT_TRUE(MemoryView::from_memory(memory.data(), 0, flag::READ).ok());
  EXPECT_EQ(MemoryView::from_memory(nullptr, 4, flag::READ).error, Error::value_error);
  EXPECT_EQ(MemoryView::from_memory(memory.data(), -1, flag::READ).error, Error::value_error);
  for (const int mode : {0, flag::READ | flag::WRITE, flag::WRITABLE})
    EXPECT_EQ(MemoryView::from_memory(memory.data(), 4, mode).error, Error::value_error) << mode;
  const auto written = MemoryView::from_memory(memory.data(), 4, flag::WRITE);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(written.value->buffer().len, 4);
  EXPECT_EQ(written.value->shape()[0], 4);
  EXPECT_TRUE(is_memoryview(*written.value));
  Object number(ObjectKind::number);
  EXPECT_EQ(MemoryView::from_object(number).error, Error::type_error);
  EXPECT_FALSE(is_memoryview(number));
  Exporter exporter;
  build_memory(exporter, named("c_2d_int"));
  for (const char order : {'c', 'X', '\0'})
    EXPECT_EQ(MemoryView::get_contiguous(exporter, flag::READ, order).error, Error::value_error);
  for (const int mode : {0, 3}) EXPECT_EQ(MemoryView::get_contiguous(exporter, mode, 'C').error, Error::value_error);
  EXPECT_TRUE(MemoryView::get_contiguous(exporter, flag::WRITE, 'C').ok());
  EXPECT_EQ(exporter.exports(), 0);
}

TEST(MemoryviewOracle, AStructIsTakenAsFarAsItAgrees) {
  std::array<char, 64> memory{};
  std::array<ssize, 2> shape{2, 3};
  std::array<ssize, 2> strides{12, 4};
  const auto made = [&](const std::function<void(Buffer&)>& change) {
    Buffer buffer{};
    buffer.buf = memory.data();
    buffer.len = 24;
    buffer.itemsize = 4;
    buffer.ndim = 2;
    buffer.shape = shape.data();
    buffer.strides = strides.data();
    change(buffer);
    return MemoryView::from_buffer(buffer);
  };
  EXPECT_TRUE(made([](Buffer&) {}).ok());
  EXPECT_EQ(made([](Buffer&) {}).value->format(), "B");
  EXPECT_EQ(made([](Buffer& b) { b.buf = nullptr; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.ndim = -1; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.ndim = 65; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.itemsize = -1; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.len = -1; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.shape = nullptr; }).error, Error::value_error);
  EXPECT_EQ(made([](Buffer& b) { b.itemsize = huge; }).error, Error::value_error);
  const auto line = made([](Buffer& b) { b.ndim = 1, b.shape = nullptr, b.strides = nullptr; });
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line.value->shape()[0], 6);
  EXPECT_EQ(line.value->strides()[0], 4);
  EXPECT_EQ(
      made([](Buffer& b) { b.ndim = 1, b.shape = nullptr, b.strides = nullptr, b.itemsize = 0; }).value->shape()[0], 0);
  EXPECT_TRUE(made([](Buffer& b) { b.ndim = 0, b.shape = nullptr, b.strides = nullptr, b.len = 4; }).ok());
  shape = {-2, 3};
  EXPECT_EQ(made([](Buffer&) {}).error, Error::value_error);
  shape = {2, 3};
  // One with suboffsets is contiguous in no order, though none is followed.
  std::array<ssize, 2> suboffsets{-1, -1};
  const auto idle = made([&](Buffer& b) { b.suboffsets = suboffsets.data(); });
  ASSERT_TRUE(idle.ok());
  EXPECT_FALSE(idle.value->is_contiguous('C') || idle.value->is_contiguous('F') || idle.value->is_contiguous('A'));
  EXPECT_EQ(idle.value->suboffsets().size(), 2U);
  EXPECT_TRUE(made([](Buffer&) {}).value->is_contiguous('C'));
  EXPECT_FALSE(made([](Buffer&) {}).value->is_contiguous('x'));
}

TEST(MemoryviewOracle, OwnershipOfAStructIsThatOfTheEdition) {
  Exporter exporter;
  build_memory(exporter, named("c_2d_int"));
  for (const Edition edition : {Edition::current, Edition::founding_2010}) {
    Buffer buffer{};
    ASSERT_TRUE(get_buffer(exporter, buffer, flag::FULL_RO).ok());
    {
      const auto view = MemoryView::from_buffer(buffer, edition);
      ASSERT_TRUE(view.ok());
      EXPECT_EQ(view.value->base() == nullptr, edition == Edition::current);
    }
    EXPECT_EQ(exporter.exports(), edition == Edition::current ? 1 : 0);
    if (edition == Edition::current) release(buffer);
    // What was refused is still the caller's.
    ASSERT_TRUE(get_buffer(exporter, buffer, flag::FULL_RO).ok());
    Buffer wrong = buffer;
    wrong.itemsize = -1;
    EXPECT_FALSE(MemoryView::from_buffer(wrong, edition).ok());
    EXPECT_EQ(exporter.exports(), 1);
    release(buffer);
  }
}

TEST(MemoryviewOracle, AnEmptyLineIsContiguousOnlyByItsStride) {
  for (const auto& [name, expected] :
       {std::pair{"empty_1d", true}, std::pair{"empty_1d_step_two", false}, std::pair{"empty_2d_strided", true},
        std::pair{"extent_one_all_absurd", true}, std::pair{"strided_1d", false}, std::pair{"c_1d_one_item", true}}) {
    const Viewed viewed(name);
    EXPECT_EQ(viewed.view->is_contiguous('C'), expected) << name;
    EXPECT_EQ(viewed.view->is_contiguous('F'), expected) << name;
    EXPECT_EQ(viewed.view->is_contiguous('A'), expected) << name;
  }
  EXPECT_TRUE(Viewed("f_2d_int").view->is_contiguous('A') && !Viewed("f_2d_int").view->is_contiguous('C'));
  EXPECT_TRUE(Viewed("c_2d_int").view->is_contiguous('A') && !Viewed("c_2d_int").view->is_contiguous('F'));
}

TEST(MemoryviewOracle, SuboffsetsAreThoseOfTheMemory) {
  for (const LayoutRow& row : tables().layouts) {
    const Viewed viewed(row.name);
    EXPECT_EQ(viewed.view->suboffsets().size(),
              row.layout.has_suboffsets ? static_cast<std::size_t>(row.layout.ndim) : 0U)
        << row.name;
    EXPECT_EQ(viewed.view->shape().size(), static_cast<std::size_t>(row.layout.ndim)) << row.name;
    EXPECT_EQ(viewed.view->buffer().suboffsets != nullptr, row.layout.has_suboffsets) << row.name;
  }
  const Viewed viewed("c_1d_int");
  Buffer view{};
  viewed.view->release_buffer(view);
  EXPECT_EQ(viewed.view->exports(), 0);
}

TEST(MemoryviewOracle, SlicesNeedAStepAndADimension) {
  const Viewed plane("c_2d_int");
  EXPECT_EQ(plane.view->slice({{}, {}, 0}).error, Error::value_error);
  EXPECT_EQ(plane.view->slice_dimension(2, {}).error, Error::index_error);
  EXPECT_EQ(plane.view->slice_dimension(-1, {}).error, Error::index_error);
  EXPECT_TRUE(plane.view->slice_dimension(1, {}).ok());
  EXPECT_EQ(Viewed("zero_dim_int").view->slice({}).error, Error::type_error);
  const ssize least = std::numeric_limits<ssize>::min();
  const Viewed line("c_1d_int");
  const auto count = [&](const Slice& slice) { return line.view->slice(slice).value->shape()[0]; };
  EXPECT_EQ(count({{}, {}, huge}), 1);
  EXPECT_EQ(count({{}, {}, least}), 1);
  EXPECT_EQ(count({least, huge, 1}), 6);
  EXPECT_EQ(count({huge, least, -1}), 6);
  EXPECT_EQ(count({6, {}, 1}), 0);
  EXPECT_EQ(count({5, {}, 1}), 1);
  EXPECT_EQ(count({0, 0, 1}), 0);
  EXPECT_EQ(count({{}, {}, 5}), 2);
  EXPECT_EQ(count({{}, {}, 6}), 1);
  EXPECT_EQ(line.view->slice({1, 3, 1}).value->buffer().len, 8);
  ASSERT_TRUE(line.view->release().ok());
  EXPECT_EQ(line.view->slice_dimension(0, {}).error, Error::value_error);
}

TEST(MemoryviewOracle, ItemsNeedOneIndexForEachDimension) {
  const Viewed plane("c_2d_int");
  const auto item = [&](std::vector<ssize> index) { return plane.view->item(index); };
  const auto* start = static_cast<const char*>(plane.view->buffer().buf);
  EXPECT_EQ(item({1, 2}).value, start + 20);
  EXPECT_EQ(item({-1, -1}).value, start + 20);
  EXPECT_EQ(item({-2, -3}).value, start);
  EXPECT_EQ(item({2, 0}).error, Error::index_error);
  EXPECT_EQ(item({-3, 0}).error, Error::index_error);
  EXPECT_EQ(item({0, 3}).error, Error::index_error);
  EXPECT_EQ(item({0}).error, Error::not_implemented_error);
  EXPECT_EQ(item({0, 0, 0}).error, Error::type_error);
  EXPECT_EQ(plane.view->tobytes('x').error, Error::value_error);
  const Viewed half("c_1d_half");
  EXPECT_EQ(half.view->item(std::vector<ssize>{0}, 0x030b0000).error, Error::not_implemented_error);
  EXPECT_TRUE(half.view->item(std::vector<ssize>{0}, 0x030c0000).ok());
}

TEST(MemoryviewOracle, HashIsOfReadonlyBytes) {
  const auto error = [](const char* format, bool readonly) {
    Layout layout;
    layout.format = format;
    layout.itemsize = format_size(format).value.size;
    layout.shape[0] = 2;
    layout.has_strides = false;
    layout.block = 2 * layout.itemsize;
    layout.readonly = readonly;
    Exporter exporter;
    build_memory(exporter, layout);
    return MemoryView::from_object(exporter).value->hashable().error;
  };
  for (const char* format : {"B", "b", "c", "@B", "@b", "@c"}) {
    EXPECT_EQ(error(format, true), Error::none) << format;
    EXPECT_EQ(error(format, false), Error::value_error) << format;
  }
  for (const char* format : {"i", "<B", "?", "@i", "BB"}) EXPECT_EQ(error(format, true), Error::value_error) << format;
}

TEST(MemoryviewOracle, CastsKeepTheBytes) {
  const Viewed line("bytes_one_dim");  // 12 bytes
  const auto error = [&](const char* format, std::optional<std::vector<ssize>> shape) {
    return shape ? line.view->cast(format, *shape).error : line.view->cast(format).error;
  };
  using Shape = std::vector<ssize>;
  EXPECT_EQ(error("i", {}), Error::none);
  EXPECT_EQ(error("@i", {}), Error::none);
  EXPECT_EQ(error("q", {}), Error::type_error);
  EXPECT_EQ(error("<i", {}), Error::value_error);
  EXPECT_EQ(error("ii", {}), Error::value_error);
  EXPECT_EQ(error("i", Shape{3}), Error::none);
  EXPECT_EQ(error("i", Shape{3, 1}), Error::none);
  EXPECT_EQ(error("i", Shape{2, 2}), Error::type_error);
  EXPECT_EQ(error("i", Shape{0}), Error::value_error);
  EXPECT_EQ(error("i", Shape{-3}), Error::value_error);
  EXPECT_EQ(error("B", Shape{huge, 2}), Error::value_error);
  EXPECT_EQ(error("B", Shape(64, 1)), Error::type_error);
  EXPECT_EQ(error("B", Shape(65, 1)), Error::value_error);
  Shape most(64, 1);
  most[5] = 12;
  EXPECT_EQ(error("B", most), Error::none);
  const Viewed ints("c_1d_int");
  EXPECT_EQ(ints.view->cast("h").error, Error::type_error);
  EXPECT_EQ(ints.view->cast("B").error, Error::none);
  EXPECT_EQ(ints.view->cast("c").error, Error::none);
  EXPECT_EQ(ints.view->cast("i").error, Error::type_error);
  const Viewed plane("c_2d_int");
  EXPECT_EQ(plane.view->cast("B", Shape{24}).error, Error::none);
  EXPECT_EQ(plane.view->cast("B", Shape{12, 2}).error, Error::type_error);
  EXPECT_EQ(Viewed("strided_1d_bytes").view->cast("B").error, Error::type_error);
  EXPECT_EQ(Viewed("structure_packed").view->cast("i").error, Error::type_error);
  EXPECT_EQ(Viewed("structure_packed").view->cast("B").error, Error::none);
  EXPECT_EQ(Viewed("empty_1d_bytes").view->cast("i").error, Error::none);
  EXPECT_EQ(Viewed("empty_1d_bytes").view->cast("i", Shape{1}).error, Error::type_error);
  EXPECT_EQ(Viewed("empty_last_extent").view->cast("B").error, Error::type_error);
}

TEST(MemoryviewOracle, ViewsAreEqualInShapeAndValues) {
  const Viewed plane("c_2d_int");
  EXPECT_TRUE(plane.view->equals(*Viewed("f_2d_int").view));
  EXPECT_FALSE(plane.view->equals(*Viewed("c_1d_int").view));
  EXPECT_FALSE(Viewed("c_1d_int").view->equals(*Viewed("c_1d_one_item").view));
  EXPECT_FALSE(Viewed("structure_packed").view->equals(*Viewed("structure_packed").view));
  EXPECT_TRUE(Viewed("empty_1d").view->equals(*Viewed("empty_1d_bytes").view));
  EXPECT_FALSE(Viewed("zero_dim_int").view->equals(*Viewed("c_1d_one_item").view));
  // Extents behind the first one count too, though every element of the narrower view has its equal.
  const auto of_shape = [](ssize first, ssize second) {
    Layout layout;
    layout.ndim = 2;
    layout.shape[0] = first;
    layout.shape[1] = second;
    layout.has_strides = false;
    layout.block = std::max<ssize>(1, first * second);
    return layout;
  };
  Exporter narrow;
  Exporter wide;
  build_memory(narrow, of_shape(1, 2));
  build_memory(wide, of_shape(1, 3));
  const auto narrow_view = MemoryView::from_object(narrow);
  const auto wide_view = MemoryView::from_object(wide);
  EXPECT_FALSE(narrow_view.value->equals(*wide_view.value) || wide_view.value->equals(*narrow_view.value));
  // Items without a byte: those of the other side are still looked at.
  std::array<char, 4> pascal{'\0', 'x', '\1', 'x'};
  ssize two = 2;
  const auto line = [&](const char* format, ssize itemsize) {
    Buffer buffer{};
    std::string text = format;
    buffer.buf = pascal.data();
    buffer.itemsize = itemsize;
    buffer.len = 2 * itemsize;
    buffer.ndim = 1;
    buffer.shape = &two;
    buffer.format = text.data();
    return std::move(MemoryView::from_buffer(buffer).value);
  };
  EXPECT_TRUE(line("0s", 0)->equals(*line("0s", 0)));
  EXPECT_FALSE(line("0s", 0)->equals(*line("2p", 2)) || line("2p", 2)->equals(*line("0s", 0)));
  const Viewed released("c_2d_int");
  ASSERT_TRUE(released.view->release().ok());
  EXPECT_TRUE(released.view->equals(*released.view));
  EXPECT_FALSE(released.view->equals(*plane.view) || plane.view->equals(*released.view));
}

}  // namespace
}  // namespace bufspec::oracle
