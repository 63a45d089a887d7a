#pragma once
// A fleet: the Licence and Pool of production, for many devices in many pools, on a virtual clock.

#include <cstdint>

#include "rules/event.hpp"
#include "simulation/fleet_plan.hpp"
#include "simulation/fleet_result.hpp"

namespace smartlic::simulation {

/// Lives the pools [first, first + count) of a plan that `check` accepts, one after the other, and
/// says what became of them. The manager answers at once when it can be reached. The result is a
/// function of the arguments alone; any partition of a fleet's pools merges into the same whole.
/// Memory: one pool's devices, and the result.
[[nodiscard]] FleetResult run_pools(const FleetPlan& plan, std::uint32_t first,
                                    std::uint32_t count);

/// The events of one device (RULES E10), replacements included, in a life of its whole pool.
[[nodiscard]] rules::Events trace_device(const FleetPlan& plan, std::uint32_t pool,
                                         std::uint32_t device);

}  // namespace smartlic::simulation
