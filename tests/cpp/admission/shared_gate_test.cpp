#include "admission/shared_gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <latch>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "admission/model.hpp"

namespace smartlic::admission {
namespace {

using namespace test;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr Uuid this_boot{{1}};
constexpr Uuid other_boot{{2}};
constexpr UtcTime wall{Ms{1'500'000'000'000}};
constexpr BootTime boot{500s};
// Far from the wall clock: the two must never be taken for one another (T1).
constexpr UtcTime licensing{Ms{1'400'000'000'000}};

constexpr Now now{wall, boot, this_boot};
Now after(nanoseconds time) {
  return {wall + std::chrono::floor<Ms>(time), boot + time, this_boot};
}

/// Memory as a mapping gives it.
struct Memory {
  alignas(SharedGate) std::array<std::uint8_t, sizeof(SharedGate)> bytes{};

  explicit Memory(const WindowShape& shape = {}) {
    std::construct_at(reinterpret_cast<SharedGate*>(bytes.data()), shape,
                      SipStatus::service_unavailable, now);
  }
  SharedGate& gate() { return *SharedGate::attach(bytes).value(); }
};

const std::array expiry{ComingMode{licensing + 10s, Mode::AuthorizationExpired}};

TEST(SharedGate, RejectsInModeDisabledUntilTheFirstPlan) {
  Memory memory;
  EXPECT_EQ(memory.gate().decide(now).reason, Reason::mode);
  const auto seen = memory.gate().snapshot(after(1s));
  EXPECT_EQ(seen.mode, Mode::Disabled);
  EXPECT_EQ(seen.limit, std::nullopt);
  EXPECT_TRUE(seen.coming.empty());
  EXPECT_EQ(seen.published, std::nullopt);
  EXPECT_EQ(seen.begun, wall);
}

TEST(SharedGate, C6_APlanActsAtTheNextDecisionOfEveryProcess) {
  Memory memory;
  auto& other = memory.gate();
  ASSERT_TRUE(memory.gate().publish({Mode::InCompliance, 10, licensing}, now));
  EXPECT_EQ(other.decide(now), (Decision{std::nullopt, Mode::InCompliance, {0, 300s}, 10, {}, {}}));
  EXPECT_TRUE(other.admit(now));
  ASSERT_TRUE(memory.gate().publish({Mode::OutOfCompliance, 0, licensing}, now));
  EXPECT_EQ(other.decide(now).reason, Reason::limit_zero);
  EXPECT_EQ(other.snapshot(now).mode, Mode::OutOfCompliance);
  EXPECT_EQ(other.snapshot(now).published, wall);
}

TEST(SharedGate, C6_TheModeChangesByItselfAtTheDeadlineOfTheBootClock) {
  Memory memory;
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish({Mode::InCompliance, 10, licensing, expiry}, now));
  // The wall clock jumps; within a boot it moves no deadline (T4).
  for (const auto jump : {Ms{0}, Ms{100h}, Ms{-100h}}) {
    const auto decide = [&](nanoseconds time) {
      return gate.decide({wall + jump, boot + time, this_boot});
    };
    EXPECT_TRUE(decide(10s - 1ns).admitted());
    EXPECT_EQ(decide(10s).reason, Reason::mode);
    EXPECT_EQ(decide(10s).mode, Mode::AuthorizationExpired);
    EXPECT_EQ(decide(10s + 1ns).mode, Mode::AuthorizationExpired);
    EXPECT_FALSE(gate.admit({wall + jump, boot + 10s, this_boot}));
  }
}

TEST(SharedGate, C6_AfterAnotherBootTheDeadlineIsThatOfTheWallClock) {
  Memory memory;
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish({Mode::InCompliance, 10, licensing, expiry}, now));
  for (const BootTime other : {BootTime{0s}, boot, boot + 1h}) {
    const auto mode = [&](Ms time) { return gate.decide({wall + time, other, other_boot}).mode; };
    EXPECT_EQ(mode(10s - 1ms), Mode::InCompliance);
    EXPECT_EQ(mode(10s), Mode::AuthorizationExpired);
    EXPECT_EQ(mode(10s + 1ms), Mode::AuthorizationExpired);
  }
}

TEST(SharedGate, C6_ABootDiffersInAnyOfItsBits) {
  Memory memory;
  ASSERT_TRUE(memory.gate().publish({Mode::InCompliance, 10, licensing, expiry}, now));
  for (std::size_t byte = 0; byte < 16; ++byte) {
    Uuid almost = this_boot;
    almost.bytes[byte] ^= 0x80;
    EXPECT_EQ(memory.gate().decide({wall, boot + 1h, almost}).mode, Mode::InCompliance);
    EXPECT_FALSE(memory.gate().counts_in({wall, boot, almost}));
  }
}

TEST(SharedGate, C6_FourModesComeOneAfterTheOther) {
  Memory memory;
  auto& gate = memory.gate();
  const std::array coming{
      ComingMode{licensing - 1s, Mode::OutOfCompliance}, ComingMode{licensing + 10s, Mode::Eval},
      ComingMode{licensing + 20s, Mode::EvalExpired}, ComingMode{licensing + 20s, Mode::Disabled}};
  ASSERT_TRUE(gate.publish({Mode::InCompliance, 7, licensing, coming}, now));
  EXPECT_EQ(gate.decide(now).mode, Mode::OutOfCompliance) << "its deadline was already over";
  EXPECT_EQ(gate.decide(after(10s)).mode, Mode::Eval);
  EXPECT_EQ(gate.decide(after(10s)).limit, 7U) << "C1: in every mode";
  EXPECT_EQ(gate.decide(after(20s)).mode, Mode::Disabled) << "the last of those that share it";
  EXPECT_EQ(gate.snapshot(after(10s)).coming,
            (std::vector{ComingMode{wall + 20s, Mode::EvalExpired},
                         ComingMode{wall + 20s, Mode::Disabled}}));
  EXPECT_TRUE(gate.snapshot(after(20s)).coming.empty());
  EXPECT_EQ(gate.snapshot({wall, BootTime{}, other_boot}).coming.size(), 3U);

  ASSERT_TRUE(gate.publish({Mode::InCompliance, 7, licensing, {&coming[3], 1}}, after(1h)));
  ASSERT_TRUE(gate.publish({Mode::InCompliance, 7, licensing}, after(1h)));
  EXPECT_EQ(gate.decide(after(100h)).mode, Mode::InCompliance) << "a plan leaves nothing behind";
}

TEST(SharedGate, FiveComingModesOrDescendingOnesAreRefusedAndChangeNothing) {
  Memory memory;
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish({Mode::Eval, 3, licensing, expiry}, now));
  const auto before = memory.bytes;
  const std::array<ComingMode, 5> five{};
  const std::array descending{ComingMode{licensing + 2ms, Mode::Eval},
                              ComingMode{licensing + 1ms, Mode::EvalExpired}};
  for (const std::span<const ComingMode> coming :
       {std::span{five}.first(5), std::span<const ComingMode>{descending}}) {
    const auto published = gate.publish({Mode::InCompliance, 1, licensing, coming}, now);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, Errc::invalid_argument);
  }
  EXPECT_EQ(memory.bytes, before);
}

TEST(SharedGate, C2_ANewLimitActsAtOnceAndKeepsModeAndDeadlines) {
  Memory memory;
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish({Mode::InCompliance, 10, licensing, expiry}, now));
  auto seen = gate.snapshot(after(1s));
  for (const Limit limit : {Limit{0}, Limit{7}, Limit{}}) {
    gate.set_limit(limit);
    seen.limit = limit;
    EXPECT_EQ(gate.snapshot(after(1s)).limit, limit);
    EXPECT_EQ(gate.snapshot(after(1s)).coming, seen.coming);
    EXPECT_EQ(gate.snapshot(after(1s)).published, wall);
    // The deadline is still that of the boot clock: the wall clock jumped.
    EXPECT_EQ(gate.decide({wall + 1h, boot + 9s, this_boot}).mode, Mode::InCompliance);
    EXPECT_EQ(gate.decide({wall + 1h, boot + 10s, this_boot}).mode, Mode::AuthorizationExpired);
    EXPECT_EQ(gate.decide(after(10s)).limit, limit) << "C1: in every mode";
  }
}

TEST(SharedGate, S9_TheStatusOfRejectedCallsIsSetAtRunTime) {
  Memory memory;
  EXPECT_EQ(memory.gate().decide(now).sip_status, SipStatus::service_unavailable);
  memory.gate().set_sip_status(SipStatus::server_internal_error);
  EXPECT_EQ(memory.gate().decide(now).sip_status, SipStatus::server_internal_error);
  EXPECT_EQ(memory.gate().snapshot(now).sip_status, SipStatus::server_internal_error);
}

TEST(SharedGate, S11_TheFailedCallLogIsOffUntilSwitchedOn) {
  Memory memory;
  auto& other = memory.gate();
  EXPECT_EQ(other.failed_call_log(), 0U);
  memory.gate().set_failed_call_log(1 << 20);
  EXPECT_EQ(other.failed_call_log(), 1U << 20);
  memory.gate().count_lost_call();
  EXPECT_EQ(other.snapshot(now).failed_call_log, 1U << 20);
  EXPECT_EQ(other.snapshot(now).failed_calls_lost, 1U);
}

TEST(SharedGate, FarDeadlinesDoNotOverflow) {
  Memory memory;
  const std::array coming{ComingMode{licensing - std::chrono::years{5000}, Mode::Eval},
                          ComingMode{licensing + std::chrono::years{5000}, Mode::EvalExpired}};
  ASSERT_TRUE(memory.gate().publish({Mode::Disabled, 1, licensing, coming}, now));
  EXPECT_EQ(memory.gate().decide(after(std::chrono::years{100})).mode, Mode::Eval);
  EXPECT_EQ(memory.gate().snapshot(now).coming.size(), 1U);
}

TEST(SharedGate, C3_CallsThatThePlanRejectsCountAndOthersSeeThem) {
  Memory memory;
  for (int i = 0; i < 301; ++i) EXPECT_FALSE(memory.gate().admit(now));
  ASSERT_TRUE(memory.gate().publish({Mode::InCompliance, 1, licensing}, now));
  EXPECT_EQ(memory.gate().decide(after(30s)).reason, Reason::rate);
  EXPECT_EQ(memory.gate().snapshot(after(30s)).average, (Average{301, 300s}));
}

TEST(SharedGate, ASnapshotWritesNothing) {
  Memory memory;
  for (int i = 0; i < 5; ++i) static_cast<void>(memory.gate().admit(now));
  const auto before = memory.bytes;
  const auto* gate = SharedGate::observe(memory.bytes).value();
  EXPECT_EQ(gate->snapshot(now).average.calls, 0U);
  EXPECT_EQ(gate->snapshot(after(30s)).average.calls, 5U) << "the interval is not closed yet";
  EXPECT_EQ(gate->snapshot(after(330s)).average.calls, 0U);
  EXPECT_EQ(memory.bytes, before);
}

TEST(SharedGate, ARestartedGateCountsInItsBootAndKeepsThePlan) {
  Memory memory{WindowShape::create(1s, 2).value()};
  ASSERT_TRUE(memory.gate().publish({Mode::InCompliance, 1, licensing, expiry}, now));
  for (int i = 0; i < 5; ++i) static_cast<void>(memory.gate().admit(now));
  static_cast<void>(memory.gate().admit(after(1s)));
  const Now begun{wall + 5s, BootTime{3s}, other_boot};
  EXPECT_EQ(memory.gate().snapshot(begun).average, (Average{0, 2s}));
  memory.gate().restart(begun);
  EXPECT_TRUE(memory.gate().counts_in(begun));
  EXPECT_FALSE(memory.gate().counts_in(now));
  EXPECT_EQ(memory.gate().snapshot(begun).begun, wall + 5s);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(memory.gate().admit(begun));
  EXPECT_EQ(memory.gate().decide({wall + 6s, BootTime{4s}, other_boot}).average, (Average{3, 2s}));
  EXPECT_EQ(memory.gate().decide({wall + 10s, BootTime{4s}, other_boot}).mode,
            Mode::AuthorizationExpired);
}

/// Two plans that differ in everything; what is read of them must be all of one.
struct Two {
  std::array<ComingMode, 4> first_coming{};
  std::array<ComingMode, 4> second_coming{};
  Two() {
    for (std::size_t i = 0; i < 4; ++i) {
      first_coming[i] = {licensing + (i + 1) * 10s, Mode::EvalExpired};
      second_coming[i] = {licensing + (i + 1) * 10min, Mode::AuthorizationExpired};
    }
  }
  [[nodiscard]] Plan first() const { return {Mode::Eval, 1, licensing, first_coming}; }
  [[nodiscard]] Plan second() const { return {Mode::InCompliance, 2, licensing, second_coming}; }
};

/// 1 or 2 if it is all of that plan, else 0.
int which(const GateSnapshot& seen) {
  const bool first = seen.mode == Mode::Eval;
  if (seen.limit != (first ? 1U : 2U) || seen.coming.size() != 4) return 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const ComingMode one{wall + (i + 1) * 10s, Mode::EvalExpired};
    const ComingMode two{wall + (i + 1) * 10min, Mode::AuthorizationExpired};
    if (seen.coming[i] != (first ? one : two)) return 0;
  }
  return first ? 1 : 2;
}

// A publisher killed after any of its stores but the last leaves the old plan: whichever of the
// words that it changes have reached memory, a single one of them decides.
TEST(SharedGate, C6_APublisherKilledInTheMiddleLeavesTheOldPlan) {
  const Two plans;
  Memory memory;
  ASSERT_TRUE(memory.gate().publish(plans.second(), now));
  ASSERT_TRUE(memory.gate().publish(plans.first(), now));
  const Memory before = memory;
  ASSERT_TRUE(memory.gate().publish({Mode::Disabled, 9, licensing}, now));

  std::vector<std::size_t> changed;
  for (std::size_t at = 0; at < memory.bytes.size(); at += 8) {
    if (std::memcmp(&memory.bytes[at], &before.bytes[at], 8) != 0) changed.push_back(at);
  }
  const auto take = [&](Memory& to, std::size_t at) {
    std::memcpy(&to.bytes[at], &memory.bytes[at], 8);
  };
  std::vector<std::size_t> deciding;
  for (const auto at : changed) {
    Memory partly = before;
    take(partly, at);
    if (which(partly.gate().snapshot(now)) != 1) deciding.push_back(at);
  }
  ASSERT_EQ(deciding.size(), 1U);
  std::erase(changed, deciding[0]);
  ASSERT_GE(changed.size(), 9U) << "the terms and four times two deadlines at least";

  std::mt19937 random{1};
  for (int round = 0; round < 1000; ++round) {
    Memory partly = before;
    for (const auto at : changed) {
      if (random() % 2 == 0) take(partly, at);
    }
    ASSERT_EQ(which(partly.gate().snapshot(now)), 1);
    ASSERT_TRUE(partly.gate().publish(plans.second(), now)) << "and the next one goes on";
    ASSERT_EQ(which(partly.gate().snapshot(now)), 2);
  }
}

TEST(SharedGate, C6_ReadersSeeOnePlanOrTheOtherNeverHalfOfEach) {
  const Two plans;
  Memory memory;
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish(plans.first(), now));
  std::atomic<bool> done{false};
  std::array<int, 3> seen{};
  int torn = 0;
  std::thread reader{[&] {
    // Until it has met the publisher often, however the two are scheduled.
    for (int changes = 0, last = 1; changes < 200;) {
      const int plan = which(gate.snapshot(now));
      ++seen[static_cast<std::size_t>(plan)];
      changes += plan == last ? 0 : 1;
      last = plan;
      const auto decision = gate.decide(now);
      torn += decision.limit == (decision.mode == Mode::Eval ? 1U : 2U) ? 0 : 1;
    }
    done = true;
  }};
  for (unsigned count = 0; !done; ++count) {  // each twice, so that both slots change
    ASSERT_TRUE(gate.publish(count % 4 < 2 ? plans.second() : plans.first(), now));
  }
  reader.join();
  EXPECT_EQ(seen[0], 0);
  EXPECT_EQ(torn, 0);
}

// Over one mapping, each thread on its stripe, across nine boundaries, while plans change.
TEST(SharedGate, C3_CountsOfManyThreadsAreExactWhilePlansArePublished) {
  const Two plans;
  Memory memory{WindowShape::create(1s, 10).value()};
  auto& gate = memory.gate();
  ASSERT_TRUE(gate.publish(plans.first(), now));
  constexpr int threads = 4;
  constexpr int calls = 9000;
  std::latch together{threads};
  std::atomic<int> deciding{threads};
  std::atomic<int> torn{0};
  std::vector<std::thread> team;
  for (int thread = 0; thread < threads; ++thread) {
    team.emplace_back([&] {
      together.arrive_and_wait();
      for (int call = 0; call < calls; ++call) {
        if (call % 2 == 0) {
          static_cast<void>(gate.admit(after(call * 1ms)));
        } else {
          const auto decision = gate.decide(after(call * 1ms));
          if (decision.limit != (decision.mode == Mode::Eval ? 1U : 2U)) torn += 1;
        }
      }
      --deciding;
    });
  }
  for (unsigned count = 0; deciding != 0; ++count) {  // each twice, so that both slots change
    ASSERT_TRUE(gate.publish(count % 4 < 2 ? plans.second() : plans.first(), now));
  }
  for (auto& thread : team) thread.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(gate.snapshot(after(9s)).average.calls, std::uint64_t{threads} * calls);
}

TEST(SharedGate, ProcessesTakeTheirStripesInTurnAndAllOfThemCount) {
  Memory memory;
  for (std::size_t each = 0; each < 2 * Stripe::count; ++each) {
    const Stripe stripe = memory.gate().take_stripe();
    EXPECT_EQ(stripe.number(), each % Stripe::count);
    static_cast<void>(memory.gate().admit(now, stripe));
    EXPECT_EQ(memory.gate().decide(now, stripe).average.calls, 0U);
  }
  EXPECT_EQ(memory.gate().snapshot(after(30s)).average.calls, 4 * Stripe::count);
}

Errc refusal_of(std::span<std::uint8_t> memory) {
  const auto gate = SharedGate::attach(memory);
  const auto observed = SharedGate::observe(memory);
  if (gate || observed) return Errc::internal;
  EXPECT_EQ(gate.error(), observed.error());
  return gate.error().code;
}

TEST(SharedGate, AnotherVersionIsToldFromDamageWhateverItsSize) {
  Memory memory;
  memory.bytes[16] = 1;
  EXPECT_EQ(refusal_of(memory.bytes), Errc::state_version);
  EXPECT_EQ(refusal_of(std::span{memory.bytes}.first(24)), Errc::state_version);
  EXPECT_EQ(SharedGate::observe(memory.bytes).error().detail,
            "its layout is version 1, and this program's is 3");
}

TEST(SharedGate, DamageIsRefused) {
  for (const std::size_t size : {0UL, 23UL, 24UL, sizeof(SharedGate) - 1}) {
    Memory memory;
    EXPECT_EQ(refusal_of(std::span{memory.bytes}.first(size)), Errc::state_damaged) << size;
  }
  alignas(SharedGate) std::array<std::uint8_t, sizeof(SharedGate) + 1> longer{};
  const Memory whole;
  std::ranges::copy(whole.bytes, longer.begin());
  EXPECT_EQ(refusal_of(longer), Errc::state_damaged);
  // Every byte of magic and size, and of what the decision could not do without.
  for (std::size_t at = 0; at < 24; ++at) {
    Memory memory;
    memory.bytes[at] ^= 0x40;
    const bool version = at >= 16 && at < 20;
    EXPECT_EQ(refusal_of(memory.bytes), version ? Errc::state_version : Errc::state_damaged) << at;
  }
}

TEST(SharedGate, AWindowStatusOrModeThatCannotBeIsDamage) {
  const Memory whole;
  const auto replaced = [&](auto value, auto by) {
    int refused = 0;
    for (std::size_t at = 0; at + sizeof value <= whole.bytes.size(); ++at) {
      if (std::memcmp(&whole.bytes[at], &value, sizeof value) != 0) continue;
      Memory memory = whole;
      std::memcpy(&memory.bytes[at], &by, sizeof by);
      refused += SharedGate::attach(memory.bytes) ? 0 : 1;
    }
    return refused;
  };
  EXPECT_EQ(replaced(std::int64_t{30'000}, std::int64_t{0}), 1) << "the interval, in ms";
  EXPECT_EQ(replaced(std::uint32_t{10}, std::uint32_t{61}), 1) << "the number of intervals";
  EXPECT_EQ(replaced(std::uint16_t{503}, std::uint16_t{200}), 1) << "the status";
  Memory planned;
  ASSERT_TRUE(planned.gate().publish({Mode::EvalExpired, 77, licensing}, now));
  const auto word = Terms{Mode::EvalExpired, 77}.word();
  const auto none = Terms{static_cast<Mode>(6), 77}.word();
  const auto at =
      std::ranges::search(planned.bytes, std::bit_cast<std::array<std::uint8_t, 8>>(word));
  ASSERT_FALSE(at.empty());
  std::memcpy(&*at.begin(), &none, sizeof none);
  EXPECT_EQ(refusal_of(planned.bytes), Errc::state_damaged);
}

}  // namespace
}  // namespace smartlic::admission
