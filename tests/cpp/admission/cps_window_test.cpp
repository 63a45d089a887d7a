#include "admission/cps_window.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "admission/model.hpp"

namespace smartlic::admission {
namespace {

using namespace test;
using Flags = std::vector<std::uint8_t>;

void offer(CpsWindow& window, std::uint64_t calls, std::int64_t now) {
  for (std::uint64_t i = 0; i < calls; ++i) window.offer(at(now));
}

Flags replay(const CpsWindow& window, const std::vector<std::int64_t>& arrivals,
             const std::vector<LimitChange>& changes = {}) {
  Flags out(arrivals.size(), 7);
  EXPECT_TRUE(window.replay(arrivals, changes, out));
  return out;
}

TEST(WindowShape, ParametersAreChecked) {
  EXPECT_EQ(WindowShape::create(seconds{30}, 10).value(), WindowShape{});
  EXPECT_TRUE(WindowShape::create(seconds{1}, 1));
  EXPECT_TRUE(WindowShape::create(seconds{3600}, 60));
  for (const auto& bad :
       {WindowShape::create(Ms{999}, 10), WindowShape::create(Ms{3'600'001}, 10),
        WindowShape::create(seconds{30}, 0), WindowShape::create(seconds{30}, 61)}) {
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Errc::invalid_argument);
  }
}

TEST(WindowShape, C2_ABoundaryBelongsToTheLaterInterval) {
  const WindowShape shape;
  const BootTime start = at(5);
  EXPECT_EQ(shape.at(start, at(5 + 30 * s - 1)).index, 0U);
  EXPECT_EQ(shape.at(start, at(5 + 30 * s)).index, 1U);
  EXPECT_EQ(ns_of(shape.at(start, at(5 + 30 * s)).end), 5 + 60 * s);
  EXPECT_EQ(shape.at(start, at(0)).index, 0U) << "before the start counts as the start";
}

TEST(WindowShape, TheEndsOfTimeDoNotOverflow) {
  const WindowShape shape;
  EXPECT_EQ(shape.at(BootTime::min(), BootTime::max()).end, BootTime::max());
  EXPECT_EQ(shape.at(BootTime::min(), BootTime::max()).index, 18446744073709551615U / (30 * s));
}

TEST(WindowShape, C2_TheLargestLimitIsExact) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const auto shape = WindowShape::create(seconds{3600}, 60).value();
  const std::uint64_t allowed = std::uint64_t{most} * 3600 * 60;
  EXPECT_FALSE(shape.closed(most, allowed));
  EXPECT_TRUE(shape.closed(most, allowed + 1));
}

TEST(CpsWindow, C2_TheAverageMayEqualTheLimitButNotExceedIt) {
  CpsWindow window{10};
  offer(window, 3000, 0);
  EXPECT_FALSE(window.closed(at(30 * s)));
  EXPECT_EQ(window.average(at(30 * s)), (Average{3000, seconds{300}}));
  EXPECT_EQ(window.average(at(30 * s)).per_second(), 10.0);

  CpsWindow over{10};
  offer(over, 3001, 0);
  EXPECT_TRUE(over.closed(at(30 * s)));
}

TEST(CpsWindow, C2_NothingIsRoundedWithFractionsOfASecond) {
  // 3 x 1.5 s at 1 call/s: 4.5 calls; four are not above it, five are.
  const auto shape = WindowShape::create(Ms{1500}, 3).value();
  CpsWindow four{1, shape};
  offer(four, 4, 0);
  EXPECT_FALSE(four.closed(at(1500 * s / 1000)));
  CpsWindow five{1, shape};
  offer(five, 5, 0);
  EXPECT_TRUE(five.closed(at(1500 * s / 1000)));
}

TEST(CpsWindow, C2_OneTickAboutTheBoundariesAtWhichItClosesAndOpens) {
  CpsWindow window{1};
  offer(window, 301, 30 * s - 1);
  EXPECT_FALSE(window.closed(at(30 * s - 1))) << "the open interval does not count";
  EXPECT_TRUE(window.closed(at(30 * s)));
  EXPECT_TRUE(window.closed(at(330 * s - 1)));
  EXPECT_FALSE(window.closed(at(330 * s)));
}

TEST(CpsWindow, C2_ANewWindowBehavesAsOneIdleForFiveMinutes) {
  CpsWindow window{1, {}, at(77)};
  EXPECT_EQ(window.average(at(77)), (Average{0, seconds{300}}));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(window.offer(at(77)));
}

TEST(CpsWindow, C2_AChangedLimitActsAtTheNextDecision) {
  CpsWindow window{1};
  offer(window, 600, 0);
  EXPECT_FALSE(window.offer(at(30 * s)));
  window.set_limit(2);
  EXPECT_TRUE(window.offer(at(30 * s)));
  window.set_limit(1);
  EXPECT_FALSE(window.offer(at(30 * s)));
}

TEST(CpsWindow, C1_NoLimitAdmitsAllAndZeroRejectsAll) {
  CpsWindow none{std::nullopt};
  offer(none, 1000, 0);
  EXPECT_TRUE(none.offer(at(30 * s)));
  CpsWindow zero{0};
  EXPECT_FALSE(zero.offer(at(0))) << "also when nothing was counted yet";
}

TEST(CpsWindow, C3_RejectedCallsCountSoAVolumeThatStaysHighKeepsItClosed) {
  CpsWindow window{1};
  for (int k = 0; k < 40; ++k) {
    offer(window, 31, k * 30 * s);  // 310 in ten intervals, but only with the rejected ones
  }
  EXPECT_EQ(window.average(at(40 * 30 * s)).calls, 310U);
  EXPECT_TRUE(window.closed(at(40 * 30 * s)));
}

TEST(CpsWindow, C4_TheFirstCallsOfEachWholeSecondAreAdmitted) {
  CpsWindow window{2, WindowShape::immediate(), at(500)};
  EXPECT_TRUE(window.offer(at(500)));
  EXPECT_TRUE(window.offer(at(500 + s - 1)));
  EXPECT_FALSE(window.offer(at(500 + s - 1)));
  EXPECT_EQ(window.average(at(500 + s - 1)), (Average{3, seconds{1}}));
  EXPECT_TRUE(window.offer(at(500 + s)));
}

TEST(CpsWindow, TimeThatGoesBackCountsAsTheLatestSeen) {
  CpsWindow window{1};
  window.offer(at(30 * s));
  window.offer(at(30 * s - 1));
  EXPECT_EQ(window.average(at(60 * s)).calls, 2U);
  EXPECT_EQ(window.average(at(330 * s)).calls, 2U) << "both left with the second interval";
  EXPECT_EQ(window.average(at(360 * s)).calls, 0U);
}

TEST(CpsWindow, RefusesWhatIsNotAscendingWithItsIndexAndTouchesNothing) {
  const CpsWindow window{1};
  Flags out(4, 7);
  const std::vector<std::int64_t> arrivals{1, 2, 2, 1};
  const auto refused = window.replay(arrivals, {}, out);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_NE(refused.error().detail.find("arrivals[3]"), std::string::npos);
  EXPECT_EQ(out, Flags(4, 7));

  const std::vector<LimitChange> changes{{at(9), 1}, {at(8), 2}};
  const auto changes_refused = window.replay(arrivals, changes, out);
  ASSERT_FALSE(changes_refused);
  EXPECT_NE(changes_refused.error().detail.find("changes[1]"), std::string::npos);

  EXPECT_FALSE(window.replay(arrivals, {}, std::span{out}.first(3)));
}

TEST(CpsWindow, ReplayOfNothingAndAtTheEndsOfTime) {
  const CpsWindow window{1, WindowShape::immediate()};
  EXPECT_TRUE(replay(window, {}).empty());
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  constexpr auto first = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(replay(window, {first, 0, last, last}), (Flags{1, 0, 1, 0}));
}

TEST(CpsWindow, ReplayStartsAnewEachTime) {
  CpsWindow window{1, WindowShape::immediate()};
  window.offer(at(0));
  EXPECT_EQ(replay(window, {0, 0}), (Flags{1, 0}));
  EXPECT_EQ(window.average(at(0)).calls, 1U);
}

TEST(CpsWindow, OfferAndReplayEqualTheDefinition) {
  std::int64_t admitted = 0;
  std::int64_t rejected = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    World world{seed};
    CpsWindow window{world.limit, world.model.shape(), at(world.model.start)};
    const CpsWindow fresh = window;
    std::vector<std::int64_t> arrivals;
    std::vector<LimitChange> changes;
    Flags expected;
    for (int call = 0; call < 150; ++call) {
      std::int64_t now = world.next_call();
      if (world.below(20) == 0) {
        now = world.now =
            world.model.seen(now) + 1;  // a new instant: earlier calls had the old limit
        world.limit = world.some_limit();
        window.set_limit(world.limit);
        changes.push_back({at(now), world.limit});
      }
      ASSERT_EQ(window.closed(at(now)), world.model.closed(world.limit, now)) << "seed " << seed;
      ASSERT_EQ(window.average(at(now)).calls, world.model.compared(now)) << "seed " << seed;
      arrivals.push_back(world.model.seen(now));
      expected.push_back(world.model.offer(world.limit, now));
      ASSERT_EQ(window.offer(at(now)), expected.back() != 0) << "seed " << seed << " call " << call;
      (expected.back() != 0 ? admitted : rejected) += 1;
    }
    ASSERT_EQ(replay(fresh, arrivals, changes), expected) << "seed " << seed;
  }
  EXPECT_GT(admitted, 10'000);
  EXPECT_GT(rejected, 10'000);
}

}  // namespace
}  // namespace smartlic::admission
