#include "simulation/daily_traffic.hpp"

#include <algorithm>

namespace smartlic::simulation {
namespace {

constexpr std::int64_t seconds_an_hour = 3600;
constexpr std::int64_t seconds_a_day = 24 * seconds_an_hour;

// Seconds that [0, `until` seconds) has of one hour of the day.
std::int64_t seconds_of_hour(std::int64_t hour, std::int64_t until) {
  const std::int64_t days = until / seconds_a_day;
  const std::int64_t into_hour = until % seconds_a_day - hour * seconds_an_hour;
  return days * seconds_an_hour + std::clamp<std::int64_t>(into_hour, 0, seconds_an_hour);
}

}  // namespace

OfferedCalls offered_calls(const TrafficPlan& traffic, std::int64_t busy_millicps,
                           std::int64_t limit, UtcTime from, UtcTime to) {
  constexpr std::int64_t parts = 1'000'000;  // thousandths of a call times thousandths of the hour
  const auto first = std::chrono::floor<std::chrono::seconds>(from).time_since_epoch().count();
  const auto last = std::chrono::floor<std::chrono::seconds>(to).time_since_epoch().count();
  std::int64_t offered = 0;
  std::int64_t above = 0;
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    const std::int64_t rate = busy_millicps * traffic.curve[static_cast<std::size_t>(hour)];
    const std::int64_t seconds = seconds_of_hour(hour, last) - seconds_of_hour(hour, first);
    // Whole calls a second apart from the rest, so that a century of them fits into 64 bits.
    const std::int64_t calls = rate / parts * seconds + rate % parts * seconds / parts;
    offered += calls;
    if (limit >= 0 && rate > limit * parts) above += calls;
  }
  return {static_cast<std::uint64_t>(offered), static_cast<std::uint64_t>(above)};
}

}  // namespace smartlic::simulation
