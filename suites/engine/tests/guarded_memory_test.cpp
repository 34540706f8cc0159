// Does the pool of guarded pages lose none, and give the next block those that are free?
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "suites/engine/memory/guarded_memory.hpp"

namespace bufspec::engine {

namespace {

// Of two classes of size that nothing else here asks for: the pool has no pages of them yet.
constexpr std::size_t rare_size = 10000;
constexpr std::size_t other_size = 30000;

// Whether the system refuses to change the protection of pages.
bool refuses_to_protect = false;

}  // namespace

}  // namespace bufspec::engine

// What the pool calls in this program, in place of the C library's.
extern "C" int mprotect(void* first, std::size_t bytes, int protection) noexcept {
  if (bufspec::engine::refuses_to_protect) {
    errno = ENOMEM;
    return -1;
  }
  return static_cast<int>(syscall(SYS_mprotect, first, bytes, protection));
}

namespace bufspec::engine {

namespace {

TEST(GuardedMemoryTest, GivesFreePagesToTheNextBlock) {
  char* first = nullptr;
  {
    const GuardedBlock block(other_size, Placement::ends_at_page);
    ASSERT_TRUE(block.is_set());
    first = block.data();
    std::memset(first, 1, block.size());
  }
  const std::uint64_t before = protection_calls();
  const GuardedBlock again(other_size, Placement::ends_at_page);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(protection_calls(), before);
}

TEST(GuardedMemoryTest, KeepsPagesThatCannotBeMadeWritable) {
  const std::uint64_t before = protection_calls();
  refuses_to_protect = true;
  const bool is_given = GuardedBlock(rare_size, Placement::ends_at_page).is_set();
  refuses_to_protect = false;
  ASSERT_FALSE(is_given);
  const std::uint64_t refused = protection_calls();
  ASSERT_EQ(refused, before + 2) << "pages are mapped, and then refused";

  const GuardedBlock again(rare_size, Placement::ends_at_page);
  ASSERT_TRUE(again.is_set());
  EXPECT_EQ(protection_calls(), refused + 1) << "made writable, not mapped a second time";
  std::memset(again.data(), 1, again.size());
  EXPECT_TRUE(again.slack_intact());
}

}  // namespace

}  // namespace bufspec::engine
