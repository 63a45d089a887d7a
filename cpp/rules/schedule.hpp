#pragma once
// RULES E8 and M10: when a request is due next, for each kind of request.

#include <cstdint>
#include <optional>

#include "foundation/errors.hpp"
#include "foundation/jitter.hpp"
#include "rules/periods.hpp"

namespace smartlic::rules {

/// When one kind of request is due, and what its back-off remembers.
struct Due {
  UtcTime at = never;
  std::uint8_t failures = 0;    ///< without a success since; sets the back-off window
  bool stale_answered = false;  ///< the at-once retry after `stale` is spent for this ask (M10)
  bool clock_answered = false;  ///< the same after `clock_off`

  /// Due at `when`, with a clean record.
  void schedule(UtcTime when) { *this = Due{when}; }

  /// No valid answer: 60 s x 2^n with full jitter up to 12 h. An unsigned Retry-After counts within
  /// that ceiling (E8).
  void back_off(UtcTime now, const Periods& periods, Jitter& jitter,
                std::optional<Ms> retry_after = {}) {
    const int doublings = std::min<int>(failures, 20);
    const Ms window = std::min(periods.retry_max, periods.retry_base * (1L << doublings));
    if (failures < 255) ++failures;
    const Ms hint = std::clamp(retry_after.value_or(least), least, periods.retry_max);
    // A hint moves the window, it does not replace it: many were turned away with the same one.
    const Ms latest = std::min(periods.retry_max, hint - least + window);
    at = now + (periods.full_jitter ? jitter.between(hint, latest) : retry_after ? hint : latest);
  }

  /// The one retry at once that a `stale` or `clock_off` refusal allows per ask (M10). False if it
  /// is spent.
  bool retry_at_once(UtcTime now, Errc code) {
    bool& spent = code == Errc::stale ? stale_answered : clock_answered;
    if (spent) return false;
    spent = true;
    at = now;
    return true;
  }

  /// Licensing time was moved back (T2): what is due stays due, and what waits waits no longer than
  /// before.
  void move_back(UtcTime believed, UtcTime truth) {
    if (at != never) at = truth + std::max(Ms{0}, at - believed);
  }

  friend bool operator==(const Due&, const Due&) = default;

 private:
  static constexpr Ms least{
      1000};  // full jitter may draw zero; a second keeps a refused device from spinning
};

}  // namespace smartlic::rules
