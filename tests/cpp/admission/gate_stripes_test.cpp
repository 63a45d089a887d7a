// What the stripes of a gate must not change: every decision is as if there were one counter.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
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

// What a head is made of (gate.hpp): the interval's index, and 34 bits of calls.
constexpr std::uint64_t index_of(std::uint64_t word) { return word >> 34; }
constexpr std::uint64_t word_of(std::uint64_t index) { return index << 34; }

/// Interval 5, in which stripe i counted i + 1 calls, and what a call in interval 6 writes.
struct Changeover {
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

  /// Whoever was at it was killed, or sleeps, after it moved so many heads, and perhaps copied the
  /// next one: as it was before its last call, as copies are made before they are known to be
  /// final.
  [[nodiscard]] Memory broken_off(std::size_t moved, bool copied) const {
    Memory out = before;
    for (std::size_t stripe = 0; stripe < moved; ++stripe) {
      out.set(ring[stripe], before.word(heads[stripe]));
      out.set(heads[stripe], word_of(6));
    }
    if (copied && moved < Stripe::count) out.set(ring[moved], before.word(heads[moved]) - 1);
    return out;
  }
};

/// Each state that a changeover may be in, and a stripe that may have been moved or not.
template <class Check>
void for_each_state(Check check) {
  const Changeover changeover;
  ASSERT_EQ(std::ranges::count(changeover.heads, 0U), 1) << "found, the first at the beginning";
  ASSERT_EQ(std::ranges::count(changeover.ring, 0U), 0);
  for (std::size_t moved = 0; moved <= Stripe::count; ++moved) {
    for (const bool copied : {false, true}) {
      for (std::size_t stripe = 0; stripe < Stripe::count; ++stripe) {
        SCOPED_TRACE(testing::Message() << moved << (copied ? " and a copy, " : ", ") << stripe);
        check(changeover.broken_off(moved, copied), stripe < moved, Stripe{stripe});
      }
    }
  }
}

TEST(GateStripes, AChangeoverBrokenOffAnywhereIsCompletedByWhoComesNext) {
  for_each_state([](Memory memory, bool /*moved*/, Stripe stripe) {
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
  for_each_state([](Memory memory, bool moved, Stripe stripe) {
    Gate& gate = memory.gate();
    const auto early = gate.decide(at(6 * s - 1), stripe);
    EXPECT_EQ(early.average.calls, moved ? Changeover::calls : 0);
    EXPECT_EQ(gate.decide(at(6 * s), stripe).average.calls, Changeover::calls + (moved ? 0 : 1));
    EXPECT_EQ(gate.decide(at(7 * s), stripe).average.calls, Changeover::calls + 2);
    EXPECT_EQ(gate.decide(at(16 * s), stripe).average.calls, moved ? 3U : 2U);
  });
}

// As a thread sees it that slept between counting and comparing, while the ring went round.
TEST(GateStripes, AWindowThatTheRingWentOverIsThatOfTheIntervalSinceOpened) {
  const Changeover changeover;
  Memory memory = changeover.before;
  for (std::int64_t second = 6; second < 100; ++second) {
    static_cast<void>(memory.gate().admit(at(second * s), by_rate, Stripe{1}));
  }
  memory.set(changeover.heads[7], word_of(20));
  EXPECT_EQ(memory.gate().decide(at(99 * s), Stripe{7}).average.calls, 10U);
}

TEST(GateStripes, C5_RetryAfterKnowsTheOpenIntervalsCallsOnAllStripes) {
  Gate gate{Mode::InCompliance, 1, ten_seconds};
  for (int call = 0; call < 11; ++call) static_cast<void>(gate.admit(at(0), Stripe{1}));
  for (int call = 0; call < 10; ++call) static_cast<void>(gate.admit(at(3 * s), Stripe{2}));
  // 22 with this one; 11 leave the window at 11 s, and then 11 are left until 14 s.
  EXPECT_EQ(gate.decide(at(3 * s), Stripe{3}).retry_after, seconds{11});
  EXPECT_EQ(gate.average(at(13 * s)).calls, 11U);
}

/// Lets threads go on at the same instant, as nearly as they can: none of them is woken up.
class Together {
 public:
  explicit Together(unsigned threads) : threads_{threads} {}
  void wait() {
    const unsigned all = (arrived_.fetch_add(1) / threads_ + 1) * threads_;
    while (arrived_.load() < all) std::this_thread::yield();
  }

 private:
  unsigned threads_;
  std::atomic<unsigned> arrived_{0};
};

// All threads are in the same interval, and cross each boundary at the same time: what each is told
// is known to the call.
TEST(GateStripes, C2_ThreadsThatCrossABoundaryTogetherAreToldTheSameExactSum) {
  constexpr unsigned threads = 2;
  constexpr unsigned calls = 2;
  constexpr std::int64_t intervals = 50'000;
  Gate gate{Mode::InCompliance, 1, WindowShape::create(seconds{1}, 2).value()};
  Together together{threads};
  std::atomic<int> wrong{0};
  std::vector<std::thread> team;
  for (unsigned thread = 0; thread < threads; ++thread) {
    team.emplace_back([&, thread] {
      // The last ones are moved last.
      const Stripe own{Stripe::count - 1 - thread};
      for (std::int64_t interval = 0; interval < intervals; ++interval) {
        const auto before = std::min<std::int64_t>(interval, 2) * threads * calls;
        together.wait();
        for (unsigned call = 0; call < calls; ++call) {
          const auto told = gate.decide(at(interval * s), by_rate, own).average.calls;
          if (told != static_cast<std::uint64_t>(before)) wrong += 1;
        }
      }
    });
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(wrong, 0);
}

// Threads cross boundaries at their own pace, so that some count in an interval while others close
// it; then all calls of a window are in it, and nothing else is.
void expect_exact_counts(std::size_t stripes) {
  constexpr unsigned threads = 3;
  constexpr std::int64_t calls = 20;
  Gate gate{Mode::InCompliance, 1, ten_seconds};
  Together together{threads};
  std::atomic<int> wrong{0};
  std::vector<std::thread> team;
  for (unsigned thread = 0; thread < threads; ++thread) {
    team.emplace_back([&, thread] {
      const Stripe own{thread % stripes};
      for (std::int64_t first = 0; first < 20 * 2000; first += 20) {
        together.wait();
        for (std::int64_t call = 0; call < 9 * calls; ++call) {
          static_cast<void>(gate.admit(at((first + call / calls) * s), by_rate, own));
        }
        together.wait();
        if (gate.average(at((first + 9) * s)).calls != threads * 9 * calls) wrong += 1;
      }
    });
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(GateStripes, C3_ThreadsOnOneStripeCountExactly) { expect_exact_counts(1); }
TEST(GateStripes, C3_ThreadsOnStripesOfTheirOwnCountExactly) { expect_exact_counts(3); }

}  // namespace
}  // namespace smartlic::admission
