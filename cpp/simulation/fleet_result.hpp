#pragma once
// What became of a fleet: whole numbers only, so that adding up parts is exact in any order.

#include <array>
#include <cstdint>
#include <vector>

#include "rules/event.hpp"
#include "simulation/fleet_plan.hpp"

namespace smartlic::simulation {

/// Distributions over pools are kept in steps of half a percent, rounded up: level 0 is none at
/// all, level 200 more than 99.5 %.
inline constexpr std::uint32_t fraction_levels = 201;

/// The level of `part` among `whole` devices; `whole` is not zero.
[[nodiscard]] constexpr std::uint32_t level_of(std::uint64_t part, std::uint64_t whole) {
  return static_cast<std::uint32_t>((part * (fraction_levels - 1) + whole - 1) / whole);
}

/// One quantity over time: its sum over all devices at each instant of the series, and how many
/// pools had which fraction of their devices in it (`pools[instant * fraction_levels + level]`).
struct FractionSeries {
  std::vector<std::uint64_t> devices;
  std::vector<std::uint32_t> pools;
  friend bool operator==(const FractionSeries&, const FractionSeries&) = default;
};

/// Sums over devices and time; times in device-milliseconds, calls in calls.
struct FleetTotals {
  std::uint64_t pools = 0;
  std::uint64_t enabled_ms = 0;  ///< product instances times the time since each was enabled
  std::uint64_t blocked_ms = 0;
  std::uint64_t out_of_compliance_ms = 0;
  std::uint64_t devices_ever_blocked = 0;  ///< product instances that were blocked at least once
  std::uint64_t product_instances = 0;     ///< replacements included
  std::uint64_t requests = 0;              ///< made, answered or not
  std::uint64_t unanswered = 0;
  std::uint64_t calls_offered = 0;
  std::uint64_t calls_rejected_by_mode = 0;
  std::uint64_t calls_rejected_by_rate = 0;
  std::array<std::uint64_t, rules::event_kinds> events{};
  friend bool operator==(const FleetTotals&, const FleetTotals&) = default;
};

struct FleetResult {
  FractionSeries blocked;
  FractionSeries out_of_compliance;
  std::vector<std::uint64_t> enabled;     ///< devices enabled at each instant
  std::vector<std::uint64_t> requests;    ///< reaching for the manager, in [instant, next instant)
  std::vector<std::uint64_t> unanswered;  ///< of these, those that got no answer
  std::vector<std::uint64_t> load;        ///< as the plan's LoadPlan says
  FleetTotals totals;

  FleetResult() = default;
  /// Nothing yet, in the plan's size.
  explicit FleetResult(const FleetPlan& plan);
  /// Adds another part of the same fleet. Errors: `invalid_argument` if the sizes differ.
  Result<void> merge(const FleetResult& other);

  friend bool operator==(const FleetResult&, const FleetResult&) = default;
};

}  // namespace smartlic::simulation
