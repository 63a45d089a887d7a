// The gate in a file that processes share beside the same in one process, and a bare atomic
// increment: nanoseconds of processor time per decision, one and two at it at the same time. Prints
// JSON. The goal is within 1.5x of in process (DESIGN 6).

#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "admission/gate.hpp"
#include "io/local/clock.hpp"
#include "io/local/gate_file.hpp"

namespace {

using namespace smartlic;
using admission::Gate;
using io::GateFile;

constexpr int decisions = 20'000'000;
constexpr std::uint32_t limit = 2'000'000;

double now_ns(clockid_t clock) {
  timespec reading{};
  clock_gettime(clock, &reading);
  return static_cast<double>(reading.tv_sec) * 1e9 + static_cast<double>(reading.tv_nsec);
}

/// Processor time of one call of `decide`, which is given the time: 1 us later each time.
template <class Decide>
double measure(Decide decide) {
  const double begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
  std::uint64_t admitted = 0;
  for (int call = 0; call < decisions; ++call) {
    admitted += decide(std::chrono::microseconds{call}) ? 1U : 0U;
  }
  const double took = now_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
  return admitted == 0 ? 0 : took / decisions;  // looked at, so that nothing is left out
}

/// What processes share: a counter, a place for each result, and who is ready.
struct Shared {
  alignas(64) std::atomic<std::uint64_t> counter{0};
  alignas(64) std::atomic<int> ready{0};
  std::array<double, 2> results{};
};

template <class Work>
double in_threads(int count, Work work) {
  std::latch together{count};
  std::vector<double> results(static_cast<std::size_t>(count));
  std::vector<std::thread> team;
  for (auto& result : results) {
    team.emplace_back([&] {
      together.arrive_and_wait();
      result = work();
    });
  }
  double sum = 0;
  for (auto& thread : team) thread.join();
  for (const double result : results) sum += result;
  return sum / count;
}

template <class Work>
double in_processes(Shared& shared, int count, Work work) {
  shared.ready = 0;
  for (int each = 0; each < count; ++each) {
    if (::fork() != 0) continue;
    ++shared.ready;
    while (shared.ready < count) {
    }
    shared.results[static_cast<std::size_t>(each)] = work();
    ::_exit(0);
  }
  while (::wait(nullptr) > 0) {
  }
  double sum = 0;
  for (int each = 0; each < count; ++each) sum += shared.results[static_cast<std::size_t>(each)];
  return sum / count;
}

void print(const char* name, int count, double ns, bool last = false) {
  std::printf("  \"%s_%d\": %.3f%s\n", name, count, ns, last ? "" : ",");
}

}  // namespace

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "smartlic-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const auto path = std::filesystem::path{folder} / "gate";
  const Now start = io::read_clock().value();
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || !GateFile::create(path, start)) return 1;
  auto& shared = *new (memory) Shared;
  if (!GateFile::open(path, start)->publish({Mode::InCompliance, limit, start.wall}, start))
    return 1;

  Gate gate{Mode::InCompliance, limit};
  const auto in_process = [&] {
    return measure([&](auto time) { return gate.admit(BootTime{time}); });
  };
  const auto from_file = [&] {
    auto file = GateFile::open(path, start).value();
    Now now = start;
    return measure([&](auto time) {
      now.boot = start.boot + time;
      return file.admit(now);
    });
  };
  const auto shared_with_clock = [&] {
    auto file = GateFile::open(path, start).value();
    return measure([&](auto) { return file.admit(io::read_clock().value()); });
  };
  Gate timed{Mode::InCompliance, limit, {}, start.boot};
  const auto in_process_with_clock = [&] {
    return measure([&](auto) { return timed.admit(io::read_clock().value().boot); });
  };
  const auto atomic = [&] {
    return measure(
        [&](auto) { return shared.counter.fetch_add(1, std::memory_order_acq_rel) != 0; });
  };
  std::printf("{\n");
  for (const int count : {1, 2}) {
    print("atomic", count, in_processes(shared, count, atomic));
    print("in_process", count, in_threads(count, in_process));
    print("shared", count, in_processes(shared, count, from_file));
    print("in_process_with_clock", count, in_threads(count, in_process_with_clock));
    print("shared_with_clock", count, in_processes(shared, count, shared_with_clock), count == 2);
  }
  std::printf("}\n");
  std::filesystem::remove_all(folder);
}
