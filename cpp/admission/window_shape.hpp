#pragma once
// What the window and the gate have in common: how time is cut into intervals, and the one
// comparison of calls with the limit (RULES C2, C4). Integers only, no rounding.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "foundation/result.hpp"
#include "foundation/time.hpp"

namespace smartlic::admission {

/// Calls per second that are licensed; none: no rate check; zero: all calls are rejected (RULES
/// C1).
using Limit = std::optional<std::uint32_t>;

/// How the limit is applied.
enum class Policy : std::uint8_t {
  average,    ///< RULES C2 (S10): over the intervals of the window
  immediate,  ///< RULES C4 (S9): the first `limit` calls of each whole second
};

/// The number that is compared with the limit, as an exact fraction: `calls` in a time of `window`.
struct Average {
  std::uint64_t calls = 0;
  Ms window{};

  /// Calls per second, rounded as a double is; for display, never for a decision.
  [[nodiscard]] double per_second() const {
    return static_cast<double>(calls) * 1000.0 / static_cast<double>(window.count());
  }
  friend bool operator==(const Average&, const Average&) = default;
};

/// How calls are counted: a policy, and the intervals of its window. Always valid.
class WindowShape {
 public:
  static constexpr std::uint32_t max_intervals = 60;
  /// Slots of a ring that holds a window, the interval before it and the open one.
  static constexpr std::size_t ring_size = 64;

  /// The window of S10: ten intervals of 30 s.
  constexpr WindowShape() = default;

  /// A window of `intervals` (1 to 60) intervals of `interval` (1 s to 1 h). Errors:
  /// `invalid_argument`.
  [[nodiscard]] static Result<WindowShape> create(Ms interval, std::uint32_t intervals);

  /// RULES C4: each whole second for itself.
  [[nodiscard]] static constexpr WindowShape immediate() {
    return {Policy::immediate, std::chrono::seconds{1}, 1};
  }

  [[nodiscard]] constexpr Policy policy() const { return policy_; }
  [[nodiscard]] constexpr Ms interval() const { return interval_; }
  [[nodiscard]] constexpr std::uint32_t intervals() const { return intervals_; }
  [[nodiscard]] constexpr Ms window() const { return interval_ * intervals_; }

  /// An interval of time: [start + index x interval, end).
  struct Interval {
    std::uint64_t index = 0;
    BootTime end{};  ///< `BootTime::max()` if it would lie beyond: the interval never ends
  };
  /// The interval of `now`; a boundary belongs to the later one (C2), and what is earlier than
  /// `start` to the first.
  [[nodiscard]] constexpr Interval at(BootTime start, BootTime now) const;

  /// Whether the limit closes the gate. `calls` are those of the window before the open interval
  /// (average), or those of the open second so far (immediate). Nothing overflows: limit x window
  /// is below 2^60, and 1000 x calls below 2^64 up to 10^16 calls.
  [[nodiscard]] constexpr bool closed(Limit limit, std::uint64_t calls) const;

  friend constexpr bool operator==(const WindowShape&, const WindowShape&) = default;

 private:
  constexpr WindowShape(Policy policy, Ms interval, std::uint32_t intervals)
      : policy_{policy}, intervals_{intervals}, interval_{interval} {}

  Policy policy_ = Policy::average;
  std::uint32_t intervals_ = 10;
  Ms interval_ = std::chrono::seconds{30};
};

constexpr WindowShape::Interval WindowShape::at(BootTime start, BootTime now) const {
  if (now < start) now = start;
  // Unsigned, as the distance between two times may be more than a signed 64-bit number holds.
  const auto since = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                     static_cast<std::uint64_t>(start.time_since_epoch().count());
  const auto length = static_cast<std::uint64_t>(BootTime::duration{interval_}.count());
  const auto left = BootTime::duration{length - since % length};
  return {since / length, now > BootTime::max() - left ? BootTime::max() : now + left};
}

constexpr bool WindowShape::closed(Limit limit, std::uint64_t calls) const {
  if (!limit) return false;
  if (policy_ == Policy::immediate) return calls >= *limit;
  // calls / window > limit, both sides times the window in ms
  const auto window_ms = static_cast<std::uint64_t>(window().count());
  return *limit == 0 || calls * 1000 > *limit * window_ms;
}

}  // namespace smartlic::admission
