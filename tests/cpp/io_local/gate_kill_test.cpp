// Processes that decide by one gate file while one of them is killed and another one comes: what is
// counted is exact but for the one call that the killed process was in.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <vector>

#include "admission/stripe.hpp"
#include "io/local/gate_file.hpp"
#include "processes.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

using namespace std::chrono_literals;
using admission::WindowShape;

constexpr int team_size = 4;

// A sanitizer sees one process alone, and takes twenty times the time.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t calls = 1'000'000;
#else
constexpr std::uint64_t calls = 10'000'000;
#endif

// `make soak` sets it.
const bool soak = std::getenv("SMARTLIC_SOAK") != nullptr;
const int rounds = soak ? 100 : 5;

constexpr Now now{UtcTime{Ms{1'500'000'000'000}}, BootTime{100s}, Uuid{{1}}};

constexpr std::uint64_t intervals = 9;

/// The time of the call of this number: a process goes through nine intervals, at its own pace.
Now at(std::uint64_t call) {
  return {now.wall, now.boot + std::chrono::seconds{call * intervals / calls}, now.boot_id};
}

/// What each process has done, for others to see.
struct Done {
  std::array<std::atomic<std::uint64_t>, team_size + 1> calls{};
};

struct Unmap {
  void operator()(Done* done) const { ::munmap(done, sizeof(Done)); }
};

std::unique_ptr<Done, Unmap> shared_with_children() {
  void* memory =
      ::mmap(nullptr, sizeof(Done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  return std::unique_ptr<Done, Unmap>{new (memory) Done};
}

TEST(GateKill, CountsAreExactButForTheOneCallOfTheKilledProcess) {
  std::mt19937 dice{std::random_device{}()};
  for (int round = 0; round < rounds; ++round) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "gate";
    ASSERT_TRUE(GateFile::create(path, now, {.shape = WindowShape::create(1s, 10).value()}));
    const auto done = shared_with_children();
    const auto decide = [&](std::size_t self) {
      auto gate = GateFile::open(path, now).value();
      Now time = now;
      for (std::uint64_t call = 0; call < calls; ++call) {
        if (call % 1000 == 0) time = at(call);
        static_cast<void>(gate.admit(time));
        done->calls[self].store(call + 1, std::memory_order_relaxed);
      }
    };
    std::vector<pid_t> team;
    for (std::size_t self = 0; self < team_size; ++self)
      team.push_back(start([&] { decide(self); }));
    // At a point of its work that is drawn, not at a time.
    const std::uint64_t point = dice() % (calls / 2);
    while (done->calls[0].load() < point) ::sched_yield();
    ::kill(team[0], SIGKILL);
    team.push_back(start([&] { decide(team_size); }));
    EXPECT_EQ(WTERMSIG(wait_for(team[0])), SIGKILL);
    for (std::size_t self = 1; self < team.size(); ++self) EXPECT_EQ(wait_for(team[self]), 0);

    const std::uint64_t killed = done->calls[0];
    ASSERT_LT(killed, calls) << "it was killed at work";
    const auto counted =
        GateObserver::open(path).value().snapshot({now.wall, now.boot + 9s, now.boot_id});
    const std::uint64_t others = team_size * calls;
    EXPECT_GE(counted.average.calls, others + killed);
    EXPECT_LE(counted.average.calls, others + killed + 1) << "killed in its call number " << killed;
  }
}

// Each of its calls opens an interval, so that it is mostly in the middle of one's opening when it
// is killed. It counts on every stripe in turn.
TEST(GateKill, KilledWhileItOpensAnIntervalItLeavesAllCallsButItsOwnLast) {
  std::mt19937 dice{std::random_device{}()};
  const auto interval_of = [](std::uint64_t number) {
    return Now{now.wall, now.boot + std::chrono::seconds{number}, now.boot_id};
  };
  for (int round = 0; round < 20 * rounds; ++round) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "gate";
    ASSERT_TRUE(GateFile::create(path, now, {.shape = WindowShape::create(1s, 10).value()}));
    const auto done = shared_with_children();
    const pid_t process = start([&] {
      std::vector<GateFile> files;
      for (std::size_t each = 0; each < admission::Stripe::count; ++each)
        files.push_back(GateFile::open(path, now).value());
      for (std::uint64_t call = 0;; ++call) {
        static_cast<void>(files[call % files.size()].admit(interval_of(call)));
        done->calls[0].store(call + 1, std::memory_order_relaxed);
      }
    });
    const std::uint64_t point = 20 + dice() % 1000;
    while (done->calls[0].load() < point) ::sched_yield();
    ::kill(process, SIGKILL);
    EXPECT_EQ(WTERMSIG(wait_for(process)), SIGKILL);

    // The ten intervals before this one had a call each, and this one has that of the killed
    // process if it still came to count it.
    const std::uint64_t killed = done->calls[0];
    auto next = GateFile::open(path, now).value();
    ASSERT_EQ(GateObserver::open(path).value().snapshot(interval_of(killed)).average.calls, 10U);
    ASSERT_EQ(next.decide(interval_of(killed)).average.calls, 10U);
    const auto counted = next.decide(interval_of(killed + 1)).average.calls;
    ASSERT_GE(counted, 10U);
    ASSERT_LE(counted, 11U) << "killed in its call number " << killed;
    ASSERT_EQ(next.decide(interval_of(killed + 11)).average.calls, 1U);
  }
}

}  // namespace
}  // namespace smartlic::io
