// Is what a campaign knows whole at every moment at which its process may be killed, and is a scenario that ended the
// process counted once?
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "fixture.hpp"

namespace bufspec::campaign {

namespace {

constexpr std::array<std::uint8_t, 3> one{1, 2, 3};
constexpr std::array<std::uint8_t, 2> two{4, 5};

bool is(std::span<const std::uint8_t> found, std::span<const std::uint8_t> owed) {
  return std::equal(found.begin(), found.end(), owed.begin(), owed.end());
}

TEST(CampaignState, IsWhatItsStampSays) {
  Fixture fixture;
  EXPECT_TRUE(fixture.state.is_valid());
  fixture.state_memory->version = 99;
  EXPECT_FALSE(fixture.state.is_valid());
}

TEST(CampaignState, RefusesWhatIsOutOfBounds) {
  Fixture fixture;
  fixture.state.keep(one, 7, false);
  EXPECT_TRUE(fixture.state.is_valid());
  fixture.state_memory->kept[0].size = 4;
  EXPECT_FALSE(fixture.state.is_valid());
  fixture.state_memory->kept[0].size = 3;
  fixture.state_memory->kept_count = most_kept + 1;
  EXPECT_FALSE(fixture.state.is_valid());
}

TEST(CampaignState, CountsADeathOnce) {
  Fixture fixture;
  EXPECT_FALSE(fixture.state.lose());
  fixture.state.begin(0, one);
  EXPECT_TRUE(is(fixture.state.tried(), one));
  EXPECT_TRUE(fixture.state.lose());
  EXPECT_FALSE(fixture.state.lose());
  EXPECT_EQ(fixture.state.totals().executions, 1U);
  EXPECT_EQ(fixture.state.totals().deaths, 1U);
  // One that is over when the process dies is counted already.
  fixture.state.begin(1, two);
  Totals totals = fixture.state.totals();
  ++totals.executions;
  fixture.state.commit(totals);
  EXPECT_TRUE(fixture.state.tried().empty());
  EXPECT_FALSE(fixture.state.lose());
}

TEST(CampaignState, KeepsAScenarioThatWasCutShortOnce) {
  Fixture fixture;
  fixture.state.keep(one, 7, false);
  fixture.state.keep(one, 7, false);
  fixture.state.keep(two, 8, true);
  ASSERT_EQ(fixture.state.kept_count(), 2U);
  EXPECT_TRUE(is(fixture.state.kept(0), one));
  EXPECT_TRUE(is(fixture.state.kept(1), two));
}

TEST(CampaignState, IsFullWithoutHarm) {
  Fixture fixture;
  std::array<std::uint8_t, 4> bytes{};
  for (std::uint32_t n = 0; n < most_kept + 10; ++n) {
    std::memcpy(bytes.data(), &n, sizeof n);
    fixture.state.keep(bytes, n % bucket_count, false);
    fixture.state.report(2 * n + 1);
  }
  EXPECT_EQ(fixture.state.kept_count(), most_kept);
  EXPECT_TRUE(fixture.state.is_reported(1));
  EXPECT_TRUE(fixture.state.is_reported(99999)) << "once there is no room nothing more is reported";
  EXPECT_TRUE(fixture.state.is_valid());
}

}  // namespace

}  // namespace bufspec::campaign
