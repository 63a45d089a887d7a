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

#include "io/local/gate_file.hpp"
#include "processes.hpp"
#include "temporary_folder.hpp"

namespace smartlic::io {
namespace {

using namespace std::chrono_literals;
using admission::WindowShape;

constexpr int team_size = 4;

// `make soak` sets it.
const bool soak = std::getenv("SMARTLIC_SOAK") != nullptr;
const int rounds = soak ? 100 : 5;
const std::uint64_t calls = soak ? 10'000'000 : 1'000'000;

constexpr Now now{UtcTime{Ms{1'500'000'000'000}}, BootTime{100s}, Uuid{{1}}};

/// The time of the call of this number: a process goes through nine intervals, at its own pace.
Now at(std::uint64_t call) {
  return {now.wall, now.boot + std::chrono::nanoseconds{9s} * call / calls, now.boot_id};
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
      for (std::uint64_t call = 0; call < calls; ++call) {
        static_cast<void>(gate.admit(at(call)));
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

}  // namespace
}  // namespace smartlic::io
