// What the functions refuse, and what they leave behind where they fail: the edges that data cases do not reach.
#include <array>
#include <limits>

#include "bufspec/functions.hpp"
#include "case_values.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {
namespace {

constexpr ssize huge = std::numeric_limits<ssize>::max();

// A struct over a few bytes, right as it is.
struct Plane {
  std::array<char, 24> memory{};
  std::array<ssize, 2> shape{2, 3};
  std::array<ssize, 2> strides{12, 4};
  std::array<ssize, 2> suboffsets{-1, -1};
  Buffer view{};

  Plane() {
    view.buf = memory.data();
    view.len = 24;
    view.itemsize = 4;
    view.ndim = 2;
    view.shape = shape.data();
    view.strides = strides.data();
  }
  [[nodiscard]] Error copied() const {
    std::string bytes(view.len > 0 && view.len < 100 ? static_cast<std::size_t>(view.len) : 0, '\0');
    const Error out = to_contiguous(bytes, view, 'C').error;
    const Error in = from_contiguous(view, bytes, 'C').error;
    EXPECT_EQ(out, in);
    return out;
  }
};

TEST(FunctionsOracle, AStructThatContradictsItselfIsRefused) {
  EXPECT_EQ(Plane().copied(), Error::none);
  const auto spoilt = [](const std::function<void(Plane&)>& spoil) {
    Plane plane;
    spoil(plane);
    return plane.copied();
  };
  EXPECT_EQ(spoilt([](Plane& p) { p.view.ndim = -1; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.ndim = 65; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.len = -24; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.len = 20; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.itemsize = -4; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.itemsize = 3; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.buf = nullptr; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.buf = nullptr, p.view.ndim = 0, p.view.itemsize = p.view.len = 1; }),
            Error::value_error);  // a single byte, too
  EXPECT_EQ(spoilt([](Plane& p) { p.shape[0] = -2; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.shape[0] = 3; }), Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.shape = nullptr; }), Error::value_error);  // strides without shape
  EXPECT_EQ(spoilt([](Plane& p) { p.view.suboffsets = p.suboffsets.data(), p.view.strides = nullptr; }),
            Error::value_error);
  EXPECT_EQ(spoilt([](Plane& p) {
              p.view.shape = nullptr, p.view.strides = nullptr;
              p.view.suboffsets = p.suboffsets.data();
            }),
            Error::value_error);
  // What is only left out is filled in.
  EXPECT_EQ(spoilt([](Plane& p) { p.view.strides = nullptr; }), Error::none);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.shape = nullptr, p.view.strides = nullptr; }), Error::none);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.suboffsets = p.suboffsets.data(); }), Error::none);
  EXPECT_EQ(spoilt([](Plane& p) { p.shape[1] = 0, p.view.len = 0, p.view.buf = nullptr; }), Error::none);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.ndim = 0, p.view.len = 4; }), Error::none);
  EXPECT_EQ(spoilt([](Plane& p) { p.view.itemsize = 0, p.view.len = 0; }), Error::none);
}

TEST(FunctionsOracle, ContiguityOfAStructNeedsItsShape) {
  Plane plane;
  EXPECT_TRUE(is_contiguous(plane.view, 'C') && !is_contiguous(plane.view, 'F') && is_contiguous(plane.view, 'A'));
  plane.view.shape = nullptr;
  for (const char order : {'C', 'F', 'A'}) EXPECT_FALSE(is_contiguous(plane.view, order)) << order;
  plane.view.strides = nullptr;
  EXPECT_TRUE(is_contiguous(plane.view, 'C') && is_contiguous(plane.view, 'A') && !is_contiguous(plane.view, 'F'));
  EXPECT_FALSE(is_contiguous(plane.view, 'x'));
  plane.view.ndim = 1;
  EXPECT_TRUE(is_contiguous(plane.view, 'F'));
  EXPECT_FALSE(is_contiguous(plane.view, 'x'));
  plane.view.ndim = 0;
  EXPECT_TRUE(is_contiguous(plane.view, 'C') && is_contiguous(plane.view, 'F'));
  for (const int ndim : {-1, 65}) {
    plane.view.ndim = ndim;
    EXPECT_FALSE(is_contiguous(plane.view, 'C')) << ndim;
  }
  const auto most = std::make_unique<std::array<ssize, 64>>();
  most->fill(1);
  plane.view.ndim = 64;
  plane.view.shape = most->data();
  EXPECT_TRUE(is_contiguous(plane.view, 'C') && is_contiguous(plane.view, 'F'));
}

TEST(FunctionsOracle, GetPointerRefusesWhatIsNoIndex) {
  Plane plane;
  const auto pointer = [&](std::vector<ssize> index) { return get_pointer(plane.view, index); };
  EXPECT_EQ(pointer({1, 2}).value, plane.memory.data() + 20);
  EXPECT_EQ(pointer({0, 0}).value, plane.memory.data());
  for (const std::vector<ssize>& index : std::vector<std::vector<ssize>>{{2, 0}, {0, 3}, {-1, 0}, {0, -1}})
    EXPECT_EQ(pointer(index).error, Error::index_error) << index[0] << ", " << index[1];
  for (const std::vector<ssize>& index : std::vector<std::vector<ssize>>{{}, {0}, {0, 0, 0}})
    EXPECT_EQ(pointer(index).error, Error::value_error) << index.size();
  plane.view.len = 20;
  EXPECT_EQ(pointer({0, 0}).error, Error::value_error);
  plane.view = Plane().view;
  plane.view.shape = nullptr;
  plane.view.strides = nullptr;
  plane.view.ndim = 1;
  EXPECT_EQ(pointer({0}).error, Error::value_error);
  plane.view.ndim = 0;
  plane.view.len = 4;
  EXPECT_TRUE(pointer({}).ok());
}

TEST(FunctionsOracle, ToContiguousWantsExactlyTheLength) {
  Plane plane;
  for (const std::size_t length : {23U, 25U, 0U}) {
    std::string bytes(length, '\0');
    EXPECT_EQ(to_contiguous(bytes, plane.view, 'C').error, Error::value_error) << length;
  }
}

TEST(FunctionsOracle, CopyToObjectTakesNoMoreThanThereIs) {
  Exporter exporter;
  build_memory(exporter, named("c_1d_int"));
  for (const auto& [length, error] : {std::pair{24U, Error::none}, std::pair{25U, Error::value_error},
                                      std::pair{0U, Error::none}, std::pair{8U, Error::none}}) {
    EXPECT_EQ(copy_to_object(exporter, std::string(length, 'x'), 'C').error, error) << length;
    EXPECT_EQ(exporter.exports(), 0) << length;
    EXPECT_EQ(exporter.references(), 1) << length;
  }
  Exporter empty;
  build_memory(empty, named("empty_1d"));
  EXPECT_TRUE(copy_to_object(empty, {}, 'C').ok());
  EXPECT_EQ(copy_to_object(empty, std::string(1, 'x'), 'C').error, Error::value_error);
  Object number(ObjectKind::number);
  EXPECT_EQ(copy_to_object(number, {}, 'C').error, Error::type_error);
}

TEST(FunctionsOracle, CopyDataRefusesWhatHasNoRoom) {
  const auto copied = [](const Layout& to, const Layout& from) {
    Exporter destination;
    Exporter source;
    build_memory(destination, to);
    build_memory(source, from);
    const Error error = copy_data(destination, source).error;
    EXPECT_TRUE(destination.exports() == 0 && source.exports() == 0);
    EXPECT_TRUE(destination.references() == 1 && source.references() == 1);
    return error;
  };
  EXPECT_EQ(copied(named("c_2d_int"), named("f_2d_int")), Error::none);
  EXPECT_EQ(copied(named("c_2d_int_readonly"), named("f_2d_int")), Error::buffer_error);
  EXPECT_EQ(copied(named("c_2d_int"), named("c_2d_int_readonly")), Error::none);
  EXPECT_EQ(copied(named("c_1d_one_item"), named("c_2d_int")), Error::buffer_error);  // shorter
  EXPECT_EQ(copied(named("c_2d_int"), named("c_1d_one_item")), Error::none);          // bytes, as they lie
  EXPECT_EQ(copied(named("c_2d_int"), named("strided_1d")), Error::value_error);      // another number of dimensions
  EXPECT_EQ(copied(named("empty_2d_strided"), named("empty_2d_strided")), Error::none);

  // Element to element: every index must have its place, and the place its room.
  Layout wide = named("f_2d_int");  // (2, 3)
  Layout turned = wide;
  turned.shape[0] = 3;
  turned.shape[1] = 2;
  turned.strides[1] = 12;
  Layout c = named("c_2d_int");
  EXPECT_EQ(copied(c, turned), Error::value_error);
  Layout tall = c;
  tall.shape[0] = 3;
  tall.block = 36;
  EXPECT_EQ(copied(tall, wide), Error::none);
  Layout shorts = named("c_2d_int");
  shorts.format = "h";
  shorts.itemsize = 2;
  shorts.shape[0] = 4;
  shorts.shape[1] = 4;
  shorts.block = 32;
  EXPECT_EQ(copied(shorts, wide), Error::value_error);  // its elements are narrower
  Exporter exporter;
  Object other(ObjectKind::number);
  build_memory(exporter, c);
  EXPECT_EQ(copy_data(exporter, other).error, Error::type_error);
  EXPECT_EQ(copy_data(other, exporter).error, Error::type_error);
}

TEST(FunctionsOracle, ReservedWordsAreRefusedBeforeTheExporterIsAsked) {
  Exporter exporter;
  build_memory(exporter, named("c_2d_int"));
  Object number(ObjectKind::number);
  Object untouched;
  for (const int word : {flag::READ, flag::WRITE, flag::ND}) {
    for (const std::uint32_t runtime :
         {python_3_12, std::uint32_t{0x030cffff}, std::uint32_t{0x030d0000}, latest_runtime}) {
      for (const Edition edition : {Edition::current, Edition::founding_2010}) {
        const bool reserved = word != flag::ND && runtime >= 0x030d0000 && edition == Edition::current;
        Buffer view{};
        view.obj = &untouched;
        EXPECT_EQ(get_buffer(exporter, view, word, edition, runtime).error,
                  reserved ? Error::system_error : Error::none);
        if (reserved)
          EXPECT_EQ(view.obj, nullptr);
        else
          release(view);
        char byte = 0;
        view.obj = &untouched;
        EXPECT_EQ(fill_info(&view, nullptr, &byte, 1, false, word, edition, runtime).error,
                  reserved ? Error::system_error : Error::none);
        EXPECT_EQ(view.obj, nullptr);
        view.obj = &untouched;
        EXPECT_EQ(get_buffer(number, view, word, edition, runtime).error, Error::type_error);
        EXPECT_EQ(view.obj == nullptr, edition == Edition::current);
      }
    }
  }
}

TEST(FunctionsOracle, FillInfoWithoutAView) {
  EXPECT_EQ(fill_info(nullptr, nullptr, nullptr, 0, true, 0).error, Error::buffer_error);
  EXPECT_TRUE(fill_info(nullptr, nullptr, nullptr, 0, true, 0, Edition::founding_2010).ok());
}

TEST(FunctionsOracle, OnlyALineWithoutExportsIsResized) {
  Exporter exporter;
  build_memory(exporter, named("c_1d_int"));
  Buffer view{};
  ASSERT_TRUE(get_buffer(exporter, view, 0).ok());
  EXPECT_EQ(exporter.resize(3).error, Error::buffer_error);
  EXPECT_EQ(exporter.build(named("c_2d_int")).error, Error::buffer_error);
  release(view);
  ASSERT_TRUE(exporter.resize(3).ok());
  EXPECT_EQ(exporter.length(), 12);
  EXPECT_EQ(exporter.layout().shape[0], 3);
  EXPECT_EQ(exporter.resize(-1).error, Error::value_error);
  EXPECT_EQ(exporter.resize(huge).error, Error::overflow_error);
  for (const char* name : {"c_2d_int", "strided_1d", "zero_dim_int", "unaligned_1d"}) {
    build_memory(exporter, named(name));
    for (const ssize extent : {0, 1, 3}) EXPECT_EQ(exporter.resize(extent).error, Error::value_error) << name;
  }
}

TEST(FunctionsOracle, AReleaseWithoutAnExportIsNothing) {
  Exporter exporter;
  build_memory(exporter, named("c_1d_int"));
  Buffer view{};
  exporter.release_buffer(view);
  EXPECT_EQ(exporter.exports(), 0);
  ASSERT_TRUE(get_buffer(exporter, view, 0).ok());
  EXPECT_EQ(exporter.exports(), 1);
  release(view);
  EXPECT_TRUE(exporter.exports() == 0 && exporter.references() == 1);
}

TEST(FunctionsOracle, AMemoryBeyondTheLimitsIsRefused) {
  Exporter exporter;
  Layout layout;
  layout.itemsize = 1;
  const auto built = [&](ssize extent, ssize block) {
    layout.shape[0] = extent;
    layout.block = block;
    return exporter.build(layout).error;
  };
  layout.has_strides = false;
  EXPECT_EQ(built(4, 4), Error::none);
  EXPECT_EQ(built(4, 3), Error::value_error);
  EXPECT_EQ(built(max_exporter_elements + 1, max_exporter_elements + 1), Error::memory_error);
  EXPECT_EQ(built(4, max_exporter_bytes + 1), Error::memory_error);
  EXPECT_EQ(built(-1, 4), Error::value_error);
  layout.has_suboffsets = true;
  layout.suboffsets[0] = 0;
  EXPECT_EQ(built(4, 4), Error::value_error);  // pointers without steps over them
  layout.has_strides = true;
  layout.strides[0] = 8;
  EXPECT_EQ(built(4, 0), Error::none);
  layout.suboffsets[0] = max_exporter_bytes + 1;
  EXPECT_EQ(built(4, 0), Error::memory_error);
  layout.suboffsets[0] = 0;
  layout.strides[0] = 4;
  EXPECT_EQ(built(4, 0), Error::value_error);  // pointers that overlap
  EXPECT_EQ(built(1, 0), Error::none);
  layout.strides[0] = huge / 2;
  EXPECT_EQ(built(4, 0), Error::overflow_error);
  layout.strides[0] = 0;
  EXPECT_EQ(built(4, 0), Error::none);
  EXPECT_EQ(exporter.block().size(), 9U) << "one pointer and one item for all of them";
}

}  // namespace
}  // namespace bufspec::oracle
