#pragma once
// RULES T1, T2, T4: licensing time L, kept apart from the machine's clocks.

#include <optional>

#include "foundation/time.hpp"

namespace smartlic::rules {

/// A jump of the wall clock (T4): what it should have shown, and what it shows.
struct WallJump {
  UtcTime expected;
  UtcTime shown;
  friend bool operator==(const WallJump&, const WallJump&) = default;
};

/// Licensing time as one anchor: L was `licensing` at the look `seen`. Save it at every event and
/// at least hourly (T1).
class LicensingClock {
 public:
  /// The wall clock is believed once, when the product first starts; afterwards T1 and T2 rule.
  explicit LicensingClock(const Now& first) : licensing_{first.wall}, seen_{first} {}
  LicensingClock(UtcTime licensing, const Now& seen) : licensing_{licensing}, seen_{seen} {}

  [[nodiscard]] UtcTime licensing() const { return licensing_; }
  [[nodiscard]] const Now& seen() const { return seen_; }

  /// L at `now`: within the anchor's boot by the boot clock, across boots by max(0, wall
  /// difference) (T1).
  [[nodiscard]] UtcTime at(const Now& now) const;

  /// Moves the anchor to `now`. A wall clock more than `tolerance` from where it should be is told
  /// (T4).
  std::optional<WallJump> observe(const Now& now, Ms tolerance = std::chrono::seconds{10});

  /// Where T2 puts L at `now` when an answer with the manager's `answer_time` to a request made at
  /// `asked` is accepted.
  [[nodiscard]] UtcTime corrected(const Now& now, UtcTime answer_time, const Now& asked) const;

  /// Sets L at `now`; the only way back (T2).
  void correct(const Now& now, UtcTime licensing);

 private:
  UtcTime licensing_;
  Now seen_;
};

}  // namespace smartlic::rules
