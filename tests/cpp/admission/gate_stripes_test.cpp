// What the stripes of a gate must not change: every decision is as if there were one counter.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "admission/gate.hpp"
#include "admission/model.hpp"

namespace smartlic::admission {
namespace {

using namespace test;

const auto ten_seconds = WindowShape::create(seconds{1}, 10).value();
constexpr Terms by_rate{Mode::InCompliance, 1'000'000};
constexpr Terms by_mode{Mode::Disabled, 1'000'000};

TEST(Stripe, ThreadsGetTheirsInTurnAndKeepThem) {
  std::set<std::size_t> taken;
  for (std::size_t each = 0; each < Stripe::count; ++each) {
    std::thread{[&] {
      const auto own = Stripe::of_thread().number();
      EXPECT_EQ(Stripe::of_thread().number(), own);
      taken.insert(own);
    }}.join();
  }
  EXPECT_EQ(taken.size(), Stripe::count);
  EXPECT_LT(*taken.rbegin(), Stripe::count);
  EXPECT_EQ(Stripe{Stripe::count + 3}.number(), 3U);
}

TEST(GateStripes, C4_TheFirstCallsOfASecondPassOnWhicheverStripes) {
  Gate gate{Mode::InCompliance, 3, WindowShape::immediate()};
  for (std::int64_t second = 0; second < 100; ++second) {
    for (std::uint64_t call = 0; call < Stripe::count; ++call) {
      EXPECT_EQ(gate.admit(at(second * s), Stripe{call}), call < 3) << second;
    }
    EXPECT_EQ(gate.average(at(second * s)).calls, Stripe::count);
  }
}

/// A gate whose memory can be looked at and put together.
struct Memory {
  alignas(Gate) std::array<std::uint8_t, sizeof(Gate)> bytes{};

  Memory() {
    std::construct_at(reinterpret_cast<Gate*>(bytes.data()), Mode::InCompliance, 1'000'000,
                      ten_seconds);
  }
  Gate& gate() { return *reinterpret_cast<Gate*>(bytes.data()); }
  [[nodiscard]] std::uint64_t word(std::size_t offset) const {
    std::uint64_t found = 0;
    std::memcpy(&found, &bytes[offset], sizeof found);
    return found;
  }
  void set(std::size_t offset, std::uint64_t value) {
    std::memcpy(&bytes[offset], &value, sizeof value);
  }
};

constexpr std::uint64_t index_of(std::uint64_t word) { return word >> 34; }

/// Interval 5, in which stripe i counted i + 1 calls, and what a call in interval 6 writes.
struct Changeover {
  /// How far it came with a stripe.
  enum Step { untouched, copied, moved, steps };

  static constexpr std::uint64_t calls = Stripe::count * (Stripe::count + 1) / 2;
  Memory before{};
  std::array<std::size_t, Stripe::count> heads{};  // offsets
  std::array<std::size_t, Stripe::count> ring{};

  Changeover() {
    for (std::uint64_t stripe = 0; stripe < Stripe::count; ++stripe) {
      for (std::uint64_t call = 0; call <= stripe; ++call) {
        static_cast<void>(before.gate().admit(at(5 * s), by_mode, Stripe{stripe}));
      }
    }
    Memory after = before;
    static_cast<void>(after.gate().admit(at(6 * s), by_mode, Stripe{0}));
    std::size_t found = 0;
    for (std::size_t offset = 0; offset < sizeof(Gate); offset += 8) {
      const std::uint64_t was = before.word(offset);
      if (index_of(was) == 5 && index_of(after.word(offset)) == 6) heads.at(found++) = offset;
    }
    for (std::size_t offset = 0; offset < sizeof(Gate); offset += 8) {
      if (before.word(offset) == after.word(offset)) continue;
      const auto head = std::ranges::find(heads, after.word(offset),
                                          [&](std::size_t of) { return before.word(of); });
      if (head != heads.end()) ring.at(static_cast<std::size_t>(head - heads.begin())) = offset;
    }
  }

  /// Whoever was at it was killed, or sleeps, after it came so far with each stripe. A copy may be
  /// of earlier than the last call, as it is made before the head is known to be final.
  [[nodiscard]] Memory broken_off(const std::array<Step, Stripe::count>& came) const {
    Memory out = before;
    for (std::size_t stripe = 0; stripe < Stripe::count; ++stripe) {
      const std::uint64_t head = before.word(heads[stripe]);
      if (came[stripe] == copied) out.set(ring[stripe], head - 1);
      if (came[stripe] == moved) {
        out.set(ring[stripe], head);
        out.set(heads[stripe], std::uint64_t{6} << 34);
      }
    }
    return out;
  }
};

template <class Check>
void for_each_way(Check check) {
  const Changeover changeover;
  ASSERT_EQ(std::ranges::count(changeover.heads, 0U), 1) << "found, the first at the beginning";
  ASSERT_EQ(std::ranges::count(changeover.ring, 0U), 0);
  std::array<Changeover::Step, Stripe::count> came{};
  int ways = 1;
  for (std::size_t each = 0; each < Stripe::count; ++each) ways *= Changeover::steps;
  for (int way = 0; way < ways && !testing::Test::HasFailure(); ++way) {
    for (int rest = way; auto& step : came) {
      step = static_cast<Changeover::Step>(rest % Changeover::steps);
      rest /= Changeover::steps;
    }
    check(changeover.broken_off(came), came[static_cast<std::size_t>(way) % came.size()],
          Stripe{static_cast<std::uint64_t>(way) % came.size()});
  }
}

TEST(GateStripes, AChangeoverBrokenOffAnywhereIsCompletedByWhoComesNext) {
  for_each_way([](Memory memory, Changeover::Step, Stripe stripe) {
    Gate& gate = memory.gate();
    EXPECT_EQ(gate.average(at(6 * s)).calls, Changeover::calls) << "to an observer";
    EXPECT_EQ(gate.decide(at(6 * s), stripe).average.calls, Changeover::calls);
    EXPECT_EQ(gate.average(at(6 * s)).calls, Changeover::calls);
    EXPECT_EQ(gate.decide(at(7 * s), stripe).average.calls, Changeover::calls + 1);
    EXPECT_EQ(gate.decide(at(15 * s), stripe).average.calls, Changeover::calls + 2);
    EXPECT_EQ(gate.decide(at(16 * s), stripe).average.calls, 3U) << "left the window";
  });
}

// Its time is before the boundary that somebody is just taking the gate across: on a stripe that is
// across it counts there, and then the window that it is compared by has to be whole.
TEST(GateStripes, ACallDuringAChangeoverCountsOnOneSideOfItAndIsComparedByAllOfTheOther) {
  int across = 0;
  for_each_way([&](Memory memory, Changeover::Step step, Stripe stripe) {
    Gate& gate = memory.gate();
    const bool moved = step == Changeover::moved;
    across += moved ? 1 : 0;
    const auto early = gate.decide(at(6 * s - 1), stripe);
    EXPECT_EQ(early.average.calls, moved ? Changeover::calls : 0);
    EXPECT_EQ(gate.decide(at(6 * s), stripe).average.calls, Changeover::calls + (moved ? 0 : 1));
    EXPECT_EQ(gate.decide(at(7 * s), stripe).average.calls, Changeover::calls + 2);
    EXPECT_EQ(gate.decide(at(16 * s), stripe).average.calls, moved ? 3U : 2U);
  });
  EXPECT_GT(across, 1000);
}

TEST(GateStripes, C5_RetryAfterKnowsTheOpenIntervalsCallsOnAllStripes) {
  Gate gate{Mode::InCompliance, 1, ten_seconds};
  for (int call = 0; call < 11; ++call) static_cast<void>(gate.admit(at(0), Stripe{1}));
  for (int call = 0; call < 10; ++call) static_cast<void>(gate.admit(at(3 * s), Stripe{2}));
  // 22 with this one; 11 leave the window at 11 s, and then 11 are left until 14 s.
  EXPECT_EQ(gate.decide(at(3 * s), Stripe{3}).retry_after, seconds{11});
  EXPECT_EQ(gate.average(at(13 * s)).calls, 11U);
}

// All threads are in the same interval, and cross each boundary at the same time: what each is told
// is known to the call.
TEST(GateStripes, C2_ThreadsThatCrossABoundaryTogetherAreToldTheSameExactSum) {
  constexpr std::int64_t threads = 3;
  constexpr std::int64_t calls = 2;
  constexpr std::int64_t intervals = 10'000;
  Gate gate{Mode::InCompliance, 1, WindowShape::create(seconds{1}, 2).value()};
  std::barrier together{threads};
  std::atomic<int> wrong{0};
  std::vector<std::thread> team;
  for (std::int64_t thread = 0; thread < threads; ++thread) {
    team.emplace_back([&] {
      for (std::int64_t interval = 0; interval < intervals; ++interval) {
        together.arrive_and_wait();
        for (std::int64_t call = 0; call < calls; ++call) {
          const auto told = gate.decide(at(interval * s), by_rate).average.calls;
          if (told !=
              static_cast<std::uint64_t>(std::min<std::int64_t>(interval, 2) * threads * calls))
            wrong += 1;
        }
      }
    });
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace smartlic::admission
