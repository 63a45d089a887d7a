#include "simulation/daily_traffic.hpp"

#include <gtest/gtest.h>

#include <random>

namespace smartlic::simulation {
namespace {

constexpr UtcTime origin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
using std::chrono::hours;
using std::chrono::seconds;

TrafficPlan office_hours() {
  TrafficPlan traffic;
  for (std::size_t hour = 8; hour < 18; ++hour) traffic.curve[hour] = hour == 12 ? 500 : 1000;
  return traffic;
}

TEST(DailyTraffic, calls_follow_the_hours_of_the_day) {
  const auto traffic = office_hours();
  const auto calls = [&](UtcTime from, UtcTime to) {
    return offered_calls(traffic, 2000, -1, from, to).offered;
  };
  EXPECT_EQ(calls(origin, origin + hours{8}), 0U);
  EXPECT_EQ(calls(origin + hours{8}, origin + hours{9}), 7200U);
  EXPECT_EQ(calls(origin + hours{12}, origin + hours{13}), 3600U);
  EXPECT_EQ(calls(origin + hours{8} + seconds{10}, origin + hours{8} + seconds{13}), 6U);
  EXPECT_EQ(calls(origin, origin + 365 * one_day), 365U * (9U * 7200U + 3600U));
}

TEST(DailyTraffic, C3_hours_above_the_limit_are_rejected_whole_those_at_it_are_not) {
  const auto traffic = office_hours();
  const auto rejected = [&](std::int64_t limit) {
    return offered_calls(traffic, 10'000, limit, origin, origin + one_day).above_limit;
  };
  EXPECT_EQ(rejected(10), 0U);
  EXPECT_EQ(rejected(9), 9U * 36'000U);
  EXPECT_EQ(rejected(4), 9U * 36'000U + 18'000U);
  EXPECT_EQ(rejected(-1), 0U) << "C1: no rate check";
}

TEST(DailyTraffic, equals_a_sum_over_every_second) {
  std::mt19937 random{3};
  TrafficPlan traffic;
  for (auto& each : traffic.curve) each = random() % 1001;
  for (int round = 0; round < 20; ++round) {
    const UtcTime from = origin + seconds{random() % 200'000};
    const UtcTime to = from + seconds{random() % 200'000};
    const std::int64_t busy = random() % 5000;
    std::int64_t parts = 0;
    for (UtcTime at = from; at < to; at += seconds{1}) {
      const auto hour = (at - std::chrono::floor<std::chrono::days>(at)) / hours{1};
      parts += busy * traffic.curve[static_cast<std::size_t>(hour)];
    }
    const auto offered = offered_calls(traffic, busy, -1, from, to).offered;
    EXPECT_LE(offered, static_cast<std::uint64_t>(parts / 1'000'000));
    EXPECT_GE(offered + 24, static_cast<std::uint64_t>(parts / 1'000'000)) << "one an hour at most";
  }
}

}  // namespace
}  // namespace smartlic::simulation
