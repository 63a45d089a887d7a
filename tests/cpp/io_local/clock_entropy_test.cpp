#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "io/local/clock.hpp"
#include "io/local/entropy.hpp"
#include "io/local/files.hpp"

namespace smartlic::io {
namespace {

TEST(Clock, T1BootTimeNeverRunsBackAndStaysInOneBoot) {
  auto before = read_clock();
  ASSERT_TRUE(before);
  for (int round = 0; round < 1000; ++round) {
    const auto after = read_clock();
    ASSERT_TRUE(after);
    ASSERT_GE(after->boot, before->boot);
    ASSERT_EQ(after->boot_id, before->boot_id);
    before = after;
  }
}

TEST(Clock, T1BootIdentityIsTheKernels) {
  const auto now = read_clock();
  const auto kernels = read_file("/proc/sys/kernel/random/boot_id", 64);
  ASSERT_TRUE(now && kernels);
  EXPECT_EQ(now->boot_id.to_string() + "\n", as_text(*kernels));
}

TEST(Clock, T1BootClockCountsFromBootIncludingSuspend) {
  // /proc/uptime is CLOCK_BOOTTIME, cut to hundredths of a second.
  const auto before = read_clock();
  const auto text = read_file("/proc/uptime", 128);
  const auto after = read_clock();
  ASSERT_TRUE(before && text && after);
  const double uptime = std::stod(std::string{as_text(*text)});
  const auto seconds = [](const Now& now) {
    return std::chrono::duration<double>{now.boot.time_since_epoch()}.count();
  };
  EXPECT_GE(uptime, seconds(*before) - 0.01);
  EXPECT_LE(uptime, seconds(*after));
}

TEST(Clock, T1WallClockIsUtcInMilliseconds) {
  const auto floor_now = [] {
    return std::chrono::floor<Ms>(std::chrono::system_clock::now());  // UTC since C++20
  };
  // The wall clock may be stepped at any moment, so one fitting round of many is what is asked for.
  bool fits = false;
  for (int round = 0; round < 10 && !fits; ++round) {
    const auto before = floor_now();
    const auto now = read_clock();
    const auto after = floor_now();
    ASSERT_TRUE(now);
    fits = before <= now->wall && now->wall <= after;
  }
  EXPECT_TRUE(fits);
}

TEST(Entropy, SeedsDiffer) {
  std::set<Seed> seeds;
  for (int round = 0; round < 100; ++round) {
    const auto seed = entropy_seed();
    ASSERT_TRUE(seed);
    seeds.insert(*seed);
  }
  EXPECT_EQ(seeds.size(), 100U);
}

TEST(Entropy, FillsLongBuffersToTheEnd) {
  std::vector<std::uint8_t> drawn(std::size_t{33} << 20);  // getrandom(2) gives 32 MiB - 1 at once
  ASSERT_TRUE(fill_entropy(drawn));
  EXPECT_NE(std::count(drawn.end() - 64, drawn.end(), 0), 64);
}

TEST(Entropy, NothingToFillIsFine) { EXPECT_TRUE(fill_entropy({})); }

}  // namespace
}  // namespace smartlic::io
