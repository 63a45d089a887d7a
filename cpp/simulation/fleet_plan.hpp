#pragma once
// What a fleet is: many devices in many pools, and what happens to them (issue: Monte Carlo).

#include <array>
#include <cstdint>
#include <vector>

#include "foundation/result.hpp"
#include "rules/periods.hpp"
#include "simulation/counter_stream.hpp"

namespace smartlic::simulation {

/// A time in which something does not work, [start, end).
struct Outage {
  UtcTime start{};
  UtcTime end{};
  friend bool operator==(const Outage&, const Outage&) = default;
};

/// Faults at random: exponential times between the end of one and the start of the next, and
/// exponential lengths. `between` zero: none.
struct Faults {
  Ms between{0};
  Ms length{0};
  friend bool operator==(const Faults&, const Faults&) = default;
};

/// Licences bought later: `permille` of what the pool's devices request in all, perpetual (P1).
struct Growth {
  UtcTime at{};
  std::int64_t permille = 0;
  friend bool operator==(const Growth&, const Growth&) = default;
};

/// Offered calls: a device's busy hour in thousandths of a call per second, and what each hour of
/// the UTC day has of it, in thousandths. A busy hour of zero: no traffic.
struct TrafficPlan {
  Range busy_millicps{};
  std::array<std::int64_t, 24> curve{};
  std::int64_t cps_per_licence = 5;  ///< S10, D8
  friend bool operator==(const TrafficPlan&, const TrafficPlan&) = default;
};

/// Requests that reach for the manager are counted in `bins` of `step` from `start`, finer than the
/// series, to see the return after an outage (E8). No bins: not counted.
struct LoadPlan {
  UtcTime start{};
  Ms step = std::chrono::minutes{1};
  std::uint32_t bins = 0;
  friend bool operator==(const LoadPlan&, const LoadPlan&) = default;
};

/// Everything that determines a fleet's life. Plain data; two equal plans have one result, whoever
/// computes it.
struct FleetPlan {
  std::uint64_t seed = 1;
  std::uint32_t pools = 1;
  std::uint32_t devices = 1;  ///< in each pool
  UtcTime start{};
  UtcTime end{};
  Ms step = one_day;  ///< of the series: fractions are looked at at start, start + step, …

  rules::Periods periods{};
  Ms certificate = 360 * one_day;         ///< S14
  Ms renew_interval = 180 * one_day;      ///< D1
  Ms retry_in_compliance = 30 * one_day;  ///< D7
  Ms retry_out_of_compliance = std::chrono::hours{12};
  Ms late_renewal{0};  ///< how long after its end a certificate may still be renewed (E7)

  Range enabled_after_ms{};              ///< from `start` on (S1)
  Range registered_after_ms{};           ///< from enabling on; the request is made with it
  Range requested{1, 1};                 ///< licences a device asks for
  Range purchased_permille{1000, 1000};  ///< of a pool, at `start`, of what its devices request
  std::vector<Growth> purchases{};

  std::vector<Outage> outages{};  ///< of the manager, for all pools; in order, not overlapping
  Faults manager_faults{};        ///< the same, drawn for each pool
  Faults link_faults{};           ///< of each device's own way to the manager
  Ms replaced_after{0};  ///< mean life of a device, which a new product then replaces; 0: for good

  TrafficPlan traffic{};
  LoadPlan load{};

  friend bool operator==(const FleetPlan&, const FleetPlan&) = default;
};

/// Whether a plan can be lived. Errors: `invalid_argument`, naming the member and what it may be.
[[nodiscard]] Result<void> check(const FleetPlan& plan);

/// Instants of the series: `start`, `start + step`, …, before `end`.
[[nodiscard]] std::uint32_t samples(const FleetPlan& plan);

}  // namespace smartlic::simulation
