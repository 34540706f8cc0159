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
  fixture.state.begin(0, one);
  EXPECT_TRUE(fixture.state.keep(one, 7, false, 1));
  fixture.state.commit({});
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

TEST(CampaignState, ChangesNothingBeforeItIsCommitted) {
  Fixture fixture;
  fixture.state.begin(0, one);
  fixture.state.see(5);
  EXPECT_TRUE(fixture.state.keep(one, 7, false, 3));
  EXPECT_EQ(fixture.state.kept_count(), 0U);
  EXPECT_EQ(fixture.state.seen(5), 0U);
  // A process that is killed here leaves what it was trying, and the next tries it anew.
  fixture.state.recover();
  EXPECT_TRUE(is(fixture.state.tried(), one));
  fixture.state.begin(0, one);
  fixture.state.see(5);
  EXPECT_TRUE(fixture.state.keep(one, 7, false, 3));
  fixture.state.commit({});
  EXPECT_EQ(fixture.state.kept_count(), 1U);
  EXPECT_EQ(fixture.state.seen(5), 1U);
}

TEST(CampaignState, CarriesOverWhatWasCutShortAndOnce) {
  Fixture fixture;
  fixture.state.begin(0, one);
  fixture.state.see(5);
  EXPECT_TRUE(fixture.state.keep(one, 7, true, 3));
  Totals totals{};
  totals.executions = 1;
  // Written aside, whole, and the process killed before anything of it was carried over.
  StateData& data = *fixture.state_memory;
  data.totals[1] = totals;
  data.change.current = 1;
  data.is_changing = 1;
  fixture.state.recover();
  fixture.state.recover();
  EXPECT_TRUE(fixture.state.tried().empty()) << "it is over";
  EXPECT_EQ(fixture.state.totals().executions, 1U);
  EXPECT_EQ(fixture.state.kept_count(), 1U);
  EXPECT_EQ(fixture.state.seen(5), 1U);
  // In the middle of it: the count stands, the flag, too.
  data.is_changing = 1;
  fixture.state.recover();
  EXPECT_EQ(fixture.state.kept_count(), 1U);
  EXPECT_EQ(fixture.state.seen(5), 1U);
}

TEST(CampaignState, KeepsAShorterScenarioInPlaceOfALongerOne) {
  Fixture fixture;
  fixture.state.begin(0, one);
  EXPECT_TRUE(fixture.state.keep(one, 7, false, 3));
  fixture.state.commit({});
  fixture.state.begin(1, two);
  EXPECT_FALSE(fixture.state.replace(0, std::array<std::uint8_t, 4>{}, 2)) << "it is longer";
  EXPECT_TRUE(fixture.state.replace(0, two, 2));
  EXPECT_TRUE(is(fixture.state.kept(0), one));
  fixture.state.commit({});
  EXPECT_TRUE(is(fixture.state.kept(0), two));
  EXPECT_EQ(fixture.state.entry(0).steps, 2U);
  EXPECT_TRUE(fixture.state.is_valid());
}

TEST(CampaignState, IsFullWithoutHarm) {
  Fixture fixture;
  std::array<std::uint8_t, 4> bytes{};
  for (std::uint32_t n = 0; n < most_kept + 10; ++n) {
    std::memcpy(bytes.data(), &n, sizeof n);
    fixture.state.begin(n, bytes);
    EXPECT_EQ(fixture.state.keep(bytes, n % bucket_count, false, 1), n < most_kept);
    fixture.state.commit({});
    fixture.state.report(2 * n + 1);
  }
  EXPECT_EQ(fixture.state.kept_count(), most_kept);
  EXPECT_TRUE(fixture.state.is_reported(1));
  EXPECT_TRUE(fixture.state.is_reported(99999)) << "once there is no room nothing more is reported";
  EXPECT_TRUE(fixture.state.is_valid());
}

}  // namespace

}  // namespace bufspec::campaign
