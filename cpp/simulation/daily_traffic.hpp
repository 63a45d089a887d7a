#pragma once
// Calls that a device is offered, by the hour of the day, and those that its rate limit turns away.

#include <cstdint>

#include "simulation/fleet_plan.hpp"

namespace smartlic::simulation {

/// Calls offered in some time, and how many of them a gate that allows calls would reject by rate.
struct OfferedCalls {
  std::uint64_t offered = 0;
  std::uint64_t above_limit = 0;
};

/// The calls of a device with this busy hour in [from, to), whole calls, rounded down. A rate above
/// the limit keeps the gate closed (C2, C3), so every call of such an hour is rejected; the five
/// minutes in which the window follows a change of the hour are left out. `limit` is in calls per
/// second, negative: no rate check (C1).
[[nodiscard]] OfferedCalls offered_calls(const TrafficPlan& traffic, std::int64_t busy_millicps,
                                         std::int64_t limit, UtcTime from, UtcTime to);

}  // namespace smartlic::simulation
