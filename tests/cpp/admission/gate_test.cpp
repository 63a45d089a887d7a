#include "admission/gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "admission/cps_window.hpp"
#include "admission/model.hpp"

namespace smartlic::admission {
namespace {

using namespace test;

void offer(Gate& gate, int calls, std::int64_t now) {
  for (int i = 0; i < calls; ++i) static_cast<void>(gate.admit(at(now)));
}

TEST(Gate, C1_NoLimitMeansNoRateCheck) {
  Gate gate{Mode::Eval, std::nullopt};
  offer(gate, 5000, 0);
  const Decision decision = gate.decide(at(30 * s));
  EXPECT_TRUE(decision.admitted());
  EXPECT_EQ(decision,
            (Decision{std::nullopt, Mode::Eval, {5000, seconds{300}}, std::nullopt, {}, {}}));
}

TEST(Gate, C1_LimitZeroRejectsAllInEveryModeThatAllowsCalls) {
  for (const Mode mode : {Mode::Eval, Mode::InCompliance, Mode::OutOfCompliance}) {
    for (const auto& shape : {WindowShape{}, WindowShape::immediate()}) {
      Gate gate{mode, 0, shape};
      EXPECT_FALSE(gate.admit(at(0)));
      const Decision decision = gate.decide(at(0));
      EXPECT_EQ(decision.reason, Reason::limit_zero);
      EXPECT_EQ(decision.sip_status, SipStatus::service_unavailable);
      EXPECT_EQ(decision.retry_after, std::nullopt);
    }
  }
}

TEST(Gate, C3_CallsThatTheModeRejectsCountToo) {
  Gate gate{Mode::EvalExpired, 1};
  offer(gate, 301, 0);
  gate.set_mode(Mode::InCompliance);
  EXPECT_EQ(gate.decide(at(30 * s)).reason, Reason::rate);
}

TEST(Gate, C3_CallsRejectedForTheirRateCountToo) {
  Gate gate{Mode::InCompliance, 1};
  offer(gate, 301, 0);
  offer(gate, 301, 30 * s);
  EXPECT_FALSE(gate.admit(at(330 * s))) << "closed by the rejected calls alone";
  EXPECT_EQ(gate.average(at(330 * s)).calls, 301U);
}

TEST(Gate, C2_OneTickAboutTheBoundariesAtWhichItClosesAndOpens) {
  Gate gate{Mode::InCompliance, 1, {}, at(7)};
  offer(gate, 300, 7);
  EXPECT_TRUE(gate.admit(at(7 + 30 * s - 1)));  // the 301st
  EXPECT_FALSE(gate.admit(at(7 + 30 * s)));
  EXPECT_FALSE(gate.admit(at(7 + 330 * s - 1)));
  EXPECT_TRUE(gate.admit(at(7 + 330 * s)));
}

TEST(Gate, C2_AChangedLimitActsAtTheNextDecision) {
  Gate gate{Mode::InCompliance, 1};
  offer(gate, 600, 0);
  EXPECT_FALSE(gate.admit(at(30 * s)));
  gate.set_limit(2);
  EXPECT_TRUE(gate.admit(at(30 * s)));
  gate.set_limit(0);
  EXPECT_FALSE(gate.admit(at(30 * s)));
  gate.set_limit(std::nullopt);
  EXPECT_TRUE(gate.admit(at(30 * s)));
  EXPECT_EQ(gate.mode(), Mode::InCompliance) << "the mode stays";
}

TEST(Gate, C5_TheModeDecidesFirstAndPromisesNothing) {
  for (const Mode mode : all_modes) {
    Gate gate{Mode::InCompliance, 1};
    gate.set_mode(mode);
    EXPECT_EQ(gate.limit(), Limit{1}) << "the limit stays";
    EXPECT_EQ(gate.admit(at(0)), calls_allowed(mode));
    offer(gate, 300, 0);
    const Decision decision = gate.decide(at(30 * s));
    EXPECT_EQ(decision.mode, mode);
    EXPECT_EQ(decision.average, (Average{301, seconds{300}}));
    EXPECT_EQ(decision.limit, Limit{1});
    EXPECT_EQ(decision.reason, calls_allowed(mode) ? Reason::rate : Reason::mode);
    EXPECT_EQ(decision.retry_after.has_value(), calls_allowed(mode));
    gate.set_limit(0);
    EXPECT_EQ(gate.decide(at(30 * s)).reason,
              calls_allowed(mode) ? Reason::limit_zero : Reason::mode);
  }
}

TEST(Gate, C5_TheSipStatusIs503OrAsSelected500AndOnlyOfARejectedCall) {
  Gate usual{Mode::Disabled, 1};
  EXPECT_EQ(usual.decide(at(0)).sip_status, SipStatus::service_unavailable);
  Gate selected{Mode::Disabled, 1, {}, {}, SipStatus::server_internal_error};
  EXPECT_EQ(selected.decide(at(0)).sip_status, SipStatus::server_internal_error);
  selected.set_mode(Mode::Eval);
  EXPECT_EQ(selected.decide(at(0)).sip_status, std::nullopt);
}

TEST(Gate, C5_RetryAfterIsRoundedUpAndAtLeastOneSecond) {
  const auto retry_at = [](std::int64_t now) {
    Gate gate{Mode::InCompliance, 1};
    offer(gate, 301, 0);
    return gate.decide(at(now)).retry_after;
  };
  EXPECT_EQ(retry_at(30 * s), seconds{300});
  EXPECT_EQ(retry_at(30 * s + 1), seconds{300}) << "rounded up";
  EXPECT_EQ(retry_at(31 * s), seconds{299});
  EXPECT_EQ(retry_at(330 * s - s), seconds{1});
  EXPECT_EQ(retry_at(330 * s - 1), seconds{1}) << "at least 1";
}

TEST(Gate, C5_RetryAfterIsOneUnderTheImmediatePolicy) {
  Gate gate{Mode::InCompliance, 1, WindowShape::immediate()};
  EXPECT_TRUE(gate.admit(at(0)));
  const Decision decision = gate.decide(at(0));
  EXPECT_EQ(decision.reason, Reason::rate);
  EXPECT_EQ(decision.average, (Average{1, seconds{1}}));
  EXPECT_EQ(decision.retry_after, seconds{1});
}

TEST(Gate, C4_TheFirstCallsOfEachWholeSecondAreAdmitted) {
  Gate gate{Mode::InCompliance, 2, WindowShape::immediate(), at(500)};
  EXPECT_TRUE(gate.admit(at(500)));
  EXPECT_TRUE(gate.admit(at(500 + s - 1)));
  EXPECT_FALSE(gate.admit(at(500 + s - 1)));
  EXPECT_TRUE(gate.admit(at(500 + s)));
}

TEST(Gate, TheOldestTheLatestAndTheFarFuture) {
  Gate gate{Mode::InCompliance, 1, WindowShape::immediate()};
  EXPECT_TRUE(gate.admit(BootTime::min()));
  EXPECT_FALSE(gate.admit(at(s - 1)));
  EXPECT_TRUE(gate.admit(BootTime::max()));
  EXPECT_FALSE(gate.admit(BootTime::max()));
  EXPECT_EQ(gate.decide(BootTime::max()).retry_after, seconds{1});
}

TEST(Gate, TheLastIntervalThatItCanNumberNeverEnds) {
  const std::int64_t last = (std::int64_t{1} << 30) - 1;
  Gate gate{Mode::InCompliance, 1, WindowShape::create(seconds{1}, 1).value()};
  offer(gate, 2, (last - 1) * s);
  EXPECT_EQ(gate.decide(at(last * s)).reason, Reason::rate);
  EXPECT_EQ(gate.decide(BootTime::max()).retry_after, seconds{1}) << "at least 1";
  EXPECT_EQ(gate.average(BootTime::max()).calls, 2U);
}

TEST(Gate, DecidesAsTheDefinitionOnRandomCalls) {
  std::array<int, 4> reasons{};
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    World world{seed};
    Mode mode = Mode::InCompliance;
    Gate admits{mode, world.limit, world.model.shape(), at(world.model.start)};
    Gate decides{mode, world.limit, world.model.shape(), at(world.model.start)};
    for (int call = 0; call < 150; ++call) {
      const std::int64_t now = world.next_call();
      if (world.below(20) == 0) world.limit = world.some_limit();
      if (world.below(20) == 0) mode = all_modes[static_cast<std::size_t>(world.below(6))];
      for (Gate* gate : {&admits, &decides}) {
        gate->set_limit(world.limit);
        gate->set_mode(mode);
      }
      const auto compared = static_cast<std::uint64_t>(world.model.compared(now));
      ASSERT_EQ(admits.average(at(now)).calls, compared) << "seed " << seed << " call " << call;
      const bool open = world.model.offer(world.limit, now) && calls_allowed(mode);

      const Stripe stripe{world.random()};  // any will do
      ASSERT_EQ(admits.admit(at(now), stripe), open) << "seed " << seed << " call " << call;
      const Decision decision = decides.decide(at(now), stripe);
      ASSERT_EQ(decision.admitted(), open) << "seed " << seed << " call " << call;
      ASSERT_EQ(decision.average.calls, compared) << "seed " << seed << " call " << call;
      reasons.at(decision.reason ? static_cast<std::size_t>(*decision.reason) : 3) += 1;
      if (decision.reason == Reason::rate && !world.model.immediate) {
        const std::int64_t wait = world.model.opens(world.limit, now) - now;
        ASSERT_EQ(decision.retry_after, seconds{(wait + s - 1) / s}) << "seed " << seed;
      }
    }
  }
  for (const int seen : reasons) EXPECT_GT(seen, 5000);
}

// C5, as a property: what is promised holds. The calls so far, then one probe at each instant, in a
// gate of its own.
TEST(Gate, C5_IfNobodyCallsItIsClosedUntilThePromisedBoundaryAndOpenAtIt) {
  int promises = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    World world{seed};
    world.model.immediate = false;
    world.limit = static_cast<std::uint32_t>(1 + world.below(3));
    const std::int64_t length = world.model.interval;
    for (int call = 0; call < 60; ++call) {
      world.model.calls.push_back(world.model.seen(world.next_call()));
    }
    const auto probe = [&](std::int64_t now) {
      Gate gate{Mode::InCompliance, world.limit, world.model.shape(), at(world.model.start)};
      for (const std::int64_t call : world.model.calls) static_cast<void>(gate.admit(at(call)));
      return gate.decide(at(now));
    };
    const std::int64_t asked = world.model.calls.back() + world.below(2 * length);
    const auto promise = probe(asked).retry_after;
    if (!promise) continue;
    ++promises;
    world.model.calls.push_back(asked);  // the refused call itself counts (C3)

    const std::int64_t start = world.model.start;
    std::int64_t boundary = start + ((asked - start) / length + 1) * length;
    while ((boundary - asked + s - 1) / s < promise->count()) {
      for (const std::int64_t now : {boundary - length + 1, boundary - 1, boundary}) {
        ASSERT_FALSE(probe(std::max(now, asked)).admitted()) << "seed " << seed;
      }
      boundary += length;
    }
    ASSERT_EQ((boundary - asked + s - 1) / s, promise->count())
        << "a boundary is promised; seed " << seed;
    ASSERT_FALSE(probe(boundary - 1).admitted()) << "seed " << seed;
    ASSERT_TRUE(probe(boundary).admitted()) << "seed " << seed;
  }
  EXPECT_GT(promises, 100);
}

// Threads race over the same times, changing the limit and the mode as they go: every call is
// counted in one interval.
TEST(Gate, C3_CountsAreExactWithManyThreads) {
  constexpr int threads = 4;
  constexpr int calls = 300'000;
  constexpr std::int64_t tick = s / 100'000;  // 3 s in all: three intervals of the window below
  const auto shape = WindowShape::create(seconds{1}, 10).value();
  Gate gate{Mode::InCompliance, 1, shape};
  std::latch together{threads};  // else the first thread may be done before the last begins
  std::vector<std::thread> team;
  for (int thread = 0; thread < threads; ++thread) {
    team.emplace_back([&gate, &together, thread] {
      together.arrive_and_wait();
      for (std::int64_t call = 0; call < calls; ++call) {
        if (call % 7 == 0)
          static_cast<void>(gate.decide(at(call * tick)));
        else
          static_cast<void>(gate.admit(at(call * tick)));
        if (call % 100 == thread) gate.set_limit(static_cast<std::uint32_t>(call));
        if (call % 1000 == thread) gate.set_mode(all_modes[static_cast<std::size_t>(call) % 6]);
      }
    });
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(gate.average(at(9 * s)).calls, std::uint64_t{threads} * calls);
  EXPECT_EQ(gate.average(at(13 * s)).calls, 0U);
}

// Every call opens an interval, so that threads meet in the changeover; the ring goes round
// thousands of times.
TEST(Gate, C4_WithManyThreadsNoSecondAdmitsMoreThanTheLimitAndNoneIsLost) {
  constexpr int threads = 4;
  constexpr std::int64_t intervals = 20'000;
  Gate gate{Mode::InCompliance, 3, WindowShape::immediate()};
  std::array<std::int64_t, threads> admitted{};
  std::vector<std::thread> team;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    team.emplace_back([&gate, &admitted, thread] {
      for (std::int64_t second = 0; second < intervals; ++second) {
        admitted[thread] += gate.admit(at(second * s)) ? 1 : 0;
      }
    });
  }
  for (auto& thread : team) thread.join();
  const auto total = admitted[0] + admitted[1] + admitted[2] + admitted[3];
  EXPECT_LE(total, 3 * intervals);
  EXPECT_GE(total, intervals);
}

// Each call opens an interval whose window is idle, and the ring goes round with nearly every one:
// a thread that falls behind finds its own window gone, and still gets a true answer.
TEST(Gate, C2_ThreadsThatFallBehindAreAdmittedWhenEveryWindowWasIdle) {
  Gate gate{Mode::InCompliance, 1, WindowShape::create(seconds{1}, 10).value()};
  std::atomic<int> rejected{0};
  std::vector<std::thread> team;
  for (int thread = 0; thread < 4; ++thread) {
    team.emplace_back([&gate, &rejected] {
      for (std::int64_t call = 0; call < 100'000; ++call) {
        if (!gate.admit(at(call * 61 * s))) rejected += 1;
      }
    });
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(rejected, 0);
}

}  // namespace
}  // namespace smartlic::admission
