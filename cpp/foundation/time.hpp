#pragma once
// The two kinds of time, and `Now`, the one argument that carries both (RULES T1).
// Nothing here reads a clock: io/local does, and passes the reading in.

#include <chrono>
#include <compare>
#include <cstdint>

#include "foundation/uuid.hpp"

namespace smartlic {

/// A duration in milliseconds, the unit of every period and interval of the rules.
using Ms = std::chrono::milliseconds;

/// A point in UTC, milliseconds since 1970-01-01 (D2). Wall clock and licensing time use it.
using UtcTime = std::chrono::sys_time<Ms>;

/// The clock that starts at boot and counts suspend (CLOCK_BOOTTIME). It has no `now()`: a reading
/// is an argument.
struct boot_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boot_clock>;
  static constexpr bool is_steady = true;
};

/// A point on the boot clock, nanoseconds since boot.
using BootTime = boot_clock::time_point;

/// One look at the machine's clocks (RULES T1).
struct Now {
  UtcTime wall{};   ///< wall clock: UTC, may jump
  BootTime boot{};  ///< boot clock: never jumps, restarts at zero
  Uuid boot_id{};   ///< which boot `boot` counts from

  friend bool operator==(const Now&, const Now&) = default;
};

inline constexpr Ms one_day = std::chrono::days{1};

/// The authorization period (E5, D3): the default of manager, agent and the check of an answer,
/// which have to agree on it.
inline constexpr Ms authorization_period = 90 * one_day;

/// The sentinel of "no such deadline": later than any date the formats can carry.
inline constexpr UtcTime never = UtcTime::max();

}  // namespace smartlic
