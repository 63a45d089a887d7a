// The gate beside what it is measured by, one and two threads at it: a bare atomic increment (goal:
// within 1.5x) and a counter under a mutex. The clock read is apart: time is an argument and moves
// on by 1 us a call, so that intervals do change.

#include <benchmark/benchmark.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <mutex>

#include "admission/gate.hpp"

namespace {

using smartlic::BootTime;
using smartlic::Mode;
using smartlic::admission::Gate;
using smartlic::admission::Stripe;
using smartlic::admission::WindowShape;

BootTime next(std::int64_t& ns) { return BootTime{BootTime::duration{ns += 1000}}; }

void bare_atomic_increment(benchmark::State& state) {
  static std::atomic<std::uint64_t> counter{0};
  for (auto _ : state) benchmark::DoNotOptimize(counter.fetch_add(1, std::memory_order_acq_rel));
}
BENCHMARK(bare_atomic_increment)->ThreadRange(1, 2)->UseRealTime();

void mutex_counter(benchmark::State& state) {
  static std::mutex mutex;
  static std::uint64_t counter = 0;
  for (auto _ : state) {
    const std::lock_guard lock{mutex};
    benchmark::DoNotOptimize(++counter);
  }
}
BENCHMARK(mutex_counter)->ThreadRange(1, 2)->UseRealTime();

template <class Offer>
void offer_calls(benchmark::State& state, Gate& gate, Offer offer) {
  std::int64_t ns = 0;
  for (auto _ : state) benchmark::DoNotOptimize(offer(gate, next(ns)));
}

constexpr auto admit = [](Gate& gate, BootTime now) { return gate.admit(now); };
constexpr auto decide = [](Gate& gate, BootTime now) { return gate.decide(now); };

void gate_admit(benchmark::State& state) {
  static Gate gate{Mode::InCompliance, 2'000'000};
  if (state.threads() == 1) return offer_calls(state, gate, admit);
  // Threads get stripes in turn, and of those that are started anew for each attempt at measuring
  // one in eight has that of the first thread, which stays.
  const Stripe own{static_cast<std::uint64_t>(state.thread_index())};
  offer_calls(state, gate, [own](Gate& each, BootTime now) { return each.admit(now, own); });
}
BENCHMARK(gate_admit)->ThreadRange(1, 2)->UseRealTime();

void gate_admit_immediate(benchmark::State& state) {
  static Gate gate{Mode::InCompliance, 2'000'000, WindowShape::immediate()};
  offer_calls(state, gate, admit);
}
BENCHMARK(gate_admit_immediate)->ThreadRange(1, 2)->UseRealTime();

/// As a caller without an event loop has it: the boot clock is read for every call.
void gate_admit_own_clock(benchmark::State& state) {
  static Gate gate{Mode::InCompliance, 2'000'000'000};
  const Stripe own{static_cast<std::uint64_t>(state.thread_index())};
  for (auto _ : state) {
    timespec reading{};
    clock_gettime(CLOCK_BOOTTIME, &reading);
    const std::int64_t ns = reading.tv_sec * 1'000'000'000 + reading.tv_nsec;
    const BootTime now{BootTime::duration{ns}};
    benchmark::DoNotOptimize(state.threads() == 1 ? gate.admit(now) : gate.admit(now, own));
  }
}
BENCHMARK(gate_admit_own_clock)->ThreadRange(1, 2)->UseRealTime();

void gate_decide_admitted(benchmark::State& state) {
  static Gate gate{Mode::InCompliance, 2'000'000};
  offer_calls(state, gate, decide);
}
BENCHMARK(gate_decide_admitted)->UseRealTime();

/// In seconds, so that it is closed from the millionth call on; Retry-After is the whole window.
void gate_decide_rejected(benchmark::State& state) {
  static Gate gate{Mode::InCompliance, 1, WindowShape::create(std::chrono::seconds{1}, 10).value()};
  offer_calls(state, gate, decide);
}
BENCHMARK(gate_decide_rejected)->UseRealTime();

}  // namespace
