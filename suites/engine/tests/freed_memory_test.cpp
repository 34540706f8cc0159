// Is memory that was freed seen, and memory that was not left alone, at any size?  Is large memory compared as it should be?
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "suites/engine/observe/digest.hpp"
#include "suites/engine/observe/free_watch.hpp"
#include "suites/engine/observe/loaded_calls.hpp"
#include "suites/engine/observe/reused_memory.hpp"
#include "suites/engine/observe/sanitizer_calls.hpp"
#include "suites/engine/observe/view_memory.hpp"

namespace bufspec::engine {
namespace {

constexpr std::size_t sizes[]{48, 65536, 65537, 200000, 5000000};

std::uintptr_t address_of(const volatile void* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

bool is_sanitized() { return __sanitizer_get_allocated_size != nullptr; }

// Whether calls are led through us: not where a sanitizer serves this process.
bool can_lead_calls() {
#if defined(BUFSPEC_CAN_LEAD_CALLS)
  RealCalls real;
  return find_real_calls(real);
#else
  return false;
#endif
}

TEST(FreedMemory, AFreedBlockIsSeenAndAnotherIsNot) {
  if (!can_lead_calls() && !is_sanitized()) GTEST_SKIP() << "no call that frees memory can be seen on this system";
  watch_frees();
  for (const std::size_t size : sizes) {
    void* volatile one = std::malloc(size);
    void* volatile other = std::malloc(size);
    WatchedMemory watched;
    watched.begin(address_of(one) + 8, address_of(one) + size - 1);
    std::free(other);
    EXPECT_FALSE(watched.was_freed()) << size;
    std::free(one);
    EXPECT_TRUE(watched.was_freed()) << size;
    watched.begin(address_of(&watched), address_of(&watched));
    EXPECT_FALSE(watched.was_freed());
  }
}

TEST(FreedMemory, ABlockThatShrinksIsFreedWhereItEnds) {
  if (!can_lead_calls()) GTEST_SKIP() << "calls are not led through here: another system, or a sanitizer's allocator";
  watch_frees();
  constexpr std::size_t size = 100000;
  void* volatile block = std::malloc(size);
  WatchedMemory whole;
  WatchedMemory beginning;
  const std::uintptr_t place = address_of(block);
  whole.begin(place, place + size - 1);
  beginning.begin(place, place + 99);
  void* volatile made = std::realloc(block, size / 2);
  ASSERT_EQ(address_of(made), place);
  EXPECT_TRUE(whole.was_freed());
  EXPECT_FALSE(beginning.was_freed());
  std::free(made);
  EXPECT_TRUE(beginning.was_freed());
}

TEST(FreedMemory, PagesThatAreUnmappedAreSeen) {
  if (!can_lead_calls()) GTEST_SKIP() << "calls are not led through here: another system, or a sanitizer's allocator";
  watch_frees();
  constexpr std::size_t size = 1 << 20;
  void* pages = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  WatchedMemory watched;
  watched.begin(address_of(pages), address_of(pages) + size - 1);
  RecentFrees::begin();
  ASSERT_EQ(munmap(static_cast<char*>(pages) + size / 2, size / 2), 0);
  RecentFrees::end();
  EXPECT_TRUE(watched.was_freed());
  EXPECT_EQ(RecentFrees::size_of_block_with(address_of(pages) + size / 2), size / 2);
  EXPECT_EQ(RecentFrees::size_of_block_with(address_of(pages)), std::nullopt);
  munmap(pages, size / 2);
}

TEST(FreedMemory, AddressSanitizerBarsABlockThatWasFreed) {
  void* volatile block = std::malloc(64);
  EXPECT_FALSE(is_barred_by_sanitizer(block));
  const volatile std::uintptr_t at = address_of(block);  // a number, of which nobody knows that it was a pointer
  std::free(block);
  EXPECT_EQ(is_barred_by_sanitizer(reinterpret_cast<const void*>(at)), __asan_address_is_poisoned != nullptr);
}

TEST(FreedMemory, ABlockThatIsHandedOutAgainIsFoundByItsAddress) {
  if (is_sanitized()) GTEST_SKIP() << "a sanitizer keeps freed blocks from being handed out again";
  static constexpr Allocator allocators[]{{std::malloc, std::free}};
  for (const std::size_t size : sizes) {
    pin_mapping_size();
    void* volatile block = std::malloc(size);
    {
      const FreshBlocks blocks(size, 0, allocators);
      EXPECT_FALSE(blocks.have(address_of(block), address_of(block) + size - 1)) << size;
    }
    const std::uintptr_t at = address_of(block);
    std::free(block);
    const FreshBlocks blocks(size, 0, allocators);
    EXPECT_TRUE(blocks.have(at, at + size - 1)) << size;
  }
}

TEST(FreedMemory, AFreedObjectIsFoundByWhatLiesInIt) {
  if (is_sanitized()) GTEST_SKIP() << "a sanitizer keeps freed blocks from being handed out again";
  static constexpr Allocator allocators[]{{std::malloc, std::free}};
  constexpr std::size_t object_size = 208;
  void* volatile object = std::malloc(object_size);
  const std::uintptr_t shown = address_of(object) + 24;
  std::free(object);
  EXPECT_FALSE(FreshBlocks(4, 0, allocators).have(shown, shown + 3)) << "nobody asked for such a block";
  EXPECT_TRUE(FreshBlocks(4, object_size, allocators).have(shown, shown + 3));
}

// The view that shows `size` bytes.
View bytes_view(ssize size) {
  View view;
  view.len = size;
  view.itemsize = 1;
  view.ndim = 1;
  view.buf = Pointer::readable;
  view.shape = Pointer::null;
  return view;
}

// Where the blocks of the allocator of the next test begin.
char* next_block = nullptr;

TEST(FreedMemory, ABlockThatReachesIntoTheHeaderOfTheNextIsAlive) {
  constexpr std::size_t size = 70000;
  constexpr std::size_t header = 16;
  alignas(4096) static char arena[4096 + 3 * size];
  const Allocator at_a_place{[](std::size_t) { return static_cast<void*>(next_block); }, [](void*) {}};
  for (const bool has_own_pages : {false, true}) {
    next_block = arena + 4096 + (has_own_pages ? header : 2 * header);
    const FreshBlocks blocks(size, 0, {&at_a_place, 1});
    const std::uintptr_t next = address_of(next_block);
    EXPECT_FALSE(blocks.have(address_of(arena), next - 9)) << "half of the header may belong to it";
    EXPECT_TRUE(blocks.have(address_of(arena), next));
    EXPECT_TRUE(blocks.have(next, next + 1));
    EXPECT_EQ(blocks.have(next - header, next - header), has_own_pages);
  }
}

TEST(LargeMemory, AnotherByteIsSeenInASampleOrInTheDigest) {
  std::string memory(3000000, 'a');
  const View view = bytes_view(static_cast<ssize>(memory.size()));
  SeenMemory before;
  look_at_memory(view, memory.data(), before, Look::whole);
  EXPECT_TRUE(before.is_sample);
  EXPECT_FALSE(before.complete);
  EXPECT_TRUE(before.agrees_with(std::string_view(memory)));
  Places places;
  ASSERT_TRUE(find_places(view, places));
  EXPECT_EQ(before.digest, digest_owed(places, memory));
  for (const std::size_t at : {std::size_t{0}, memory.size() / 2 + 1, memory.size() - 1}) {
    memory[at] = 'b';
    SeenMemory after;
    look_at_memory(view, memory.data(), after, Look::whole);
    EXPECT_FALSE(after.agrees_with(before)) << at;
    memory[at] = 'a';
  }
  SeenMemory sample;
  look_at_memory(view, memory.data(), sample);
  EXPECT_FALSE(sample.digest);
  EXPECT_TRUE(sample.agrees_with(before));
}

TEST(LargeMemory, APageThatIsMissingIsSeenInALookAtTheWhole) {
  constexpr std::size_t size = std::size_t{1} << 22;
  constexpr std::size_t page = 4096;
  char* memory = static_cast<char*>(mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  const View view = bytes_view(size);
  SeenMemory seen;
  look_at_memory(view, memory, seen, Look::whole);
  EXPECT_EQ(seen.readable, true);
  ASSERT_EQ(mprotect(memory + size / 2 + 5 * page, page, PROT_NONE), 0);
  look_at_memory(view, memory, seen, Look::whole);
  EXPECT_EQ(seen.readable, false);
  munmap(memory, size);
}

// A view of `shape`, its elements of `itemsize` bytes at these strides.
View strided_view(const std::vector<ssize>& shape, const std::vector<ssize>& strides, ssize itemsize) {
  View view = bytes_view(itemsize);
  view.itemsize = itemsize;
  view.ndim = static_cast<int>(shape.size());
  view.shape = view.strides = Pointer::readable;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    view.len *= view.shape_values[d] = shape[d];
    view.strides_values[d] = strides[d];
  }
  return view;
}

struct Lie {
  const char* how;
  std::vector<ssize> shape;
  std::vector<ssize> strides;
  ssize itemsize;
  ssize offset;
};

const Lie lies[]{
    {"in Fortran order", {300, 400}, {1, 300}, 1, 0},
    {"in Fortran order, of few rows", {3, 49999}, {4, 12}, 4, 0},
    {"backwards", {200003}, {-1}, 1, 200002},
    {"with gaps between the rows", {300, 250}, {1024, 4}, 4, 0},
    {"with gaps between the elements", {100003}, {3}, 1, 0},
    {"three channels of four", {200, 300, 3}, {1200, 4, 1}, 1, 0},
    {"with large items and larger gaps", {40}, {9000}, 8192, 0},
    {"the same row again and again", {500, 400}, {0, 2}, 2, 0},
    {"windows over each other", {50000, 8}, {1, 1}, 1, 0},
    {"in three dimensions, two of them turned", {40, 50, 60}, {-2, 80, -4000}, 2, 240000 - 4000 + 78},
};

TEST(LargeMemory, SampleAndDigestKnowTheElementsHoweverTheyLie) {
  for (const Lie& lie : lies) {
    std::string memory(600000, ' ');
    for (std::size_t at = 0; at < memory.size(); ++at) memory[at] = static_cast<char>(at * 2654435761U >> 13);
    const View view = strided_view(lie.shape, lie.strides, lie.itemsize);
    char* const buf = memory.data() + lie.offset;
    std::string in_c_order;
    Places places;
    ASSERT_TRUE(find_places(view, places)) << lie.how;
    for (ssize k = 0; k < places.count; ++k) {
      Extents index{};
      index_of_element(places, k, index);
      const auto at = place_of(places, reinterpret_cast<std::uintptr_t>(buf), index);
      in_c_order.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(lie.itemsize));
    }
    SeenMemory seen;
    look_at_memory(view, buf, seen, Look::whole);
    EXPECT_EQ(seen.readable, true) << lie.how;
    EXPECT_TRUE(seen.is_sample) << lie.how;
    EXPECT_TRUE(seen.agrees_with(std::string_view(in_c_order))) << lie.how;
    EXPECT_EQ(seen.digest, digest_owed(places, in_c_order)) << lie.how;
    // One byte of an element that is not in the sample.
    Extents index{};
    index_of_element(places, places.count / 2 + 7, index);
    *reinterpret_cast<char*>(place_of(places, reinterpret_cast<std::uintptr_t>(buf), index)) ^= 1;
    SeenMemory changed;
    look_at_memory(view, buf, changed, Look::whole);
    EXPECT_NE(seen.digest, changed.digest) << lie.how;
  }
}

TEST(LargeMemory, ElementsThatPointersLeadToHaveADigest) {
  std::vector<std::string> rows(300, std::string(500, 'a'));
  std::vector<char*> table;
  table.reserve(rows.size());
  for (std::string& row : rows) table.push_back(row.data());
  View view = strided_view({300, 250}, {static_cast<ssize>(sizeof(char*)), 2}, 2);
  view.suboffsets = Pointer::readable;
  view.suboffsets_values[0] = 0;
  view.suboffsets_values[1] = -1;
  Places places;
  ASSERT_TRUE(find_places(view, places));
  SeenMemory seen;
  look_at_memory(view, table.data(), seen, Look::whole);
  EXPECT_EQ(seen.digest, digest_owed(places, std::string(150000, 'a')));
  rows[111][333] = 'b';
  SeenMemory changed;
  look_at_memory(view, table.data(), changed, Look::whole);
  EXPECT_NE(seen.digest, changed.digest);
}

}  // namespace
}  // namespace bufspec::engine
