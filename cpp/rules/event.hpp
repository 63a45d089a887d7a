#pragma once
// RULES E10: what a device reports (F2's notifications, in our words).

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "foundation/errors.hpp"
#include "foundation/mode.hpp"
#include "foundation/time.hpp"

namespace smartlic::rules {

enum class EventKind : std::uint8_t {
  mode_changed,
  registered,
  registration_failed,
  authorized,
  refused,
  certificate_renewed,
  certificate_ending,
  certificate_ended,
  evaluation_ending,
  evaluation_ended,
  communication_lost,
  communication_restored,
  clock_corrected,
  clock_jumped,
  fork_suspected,
  deregistered,
};

inline constexpr std::size_t event_kinds = 16;

/// Why the mode changed.
enum class Cause : std::uint8_t {
  enabled,
  disabled,
  granted,
  refused,
  deregistered,
  authorization_ended,  ///< by its own period
  certificate_ended,    ///< the authorization's bound (E2)
  evaluation_ended,
  clock_corrected,  ///< T2
  none,
};

/// One event with its time and facts. Which of the facts are meant depends on `kind`:
/// mode_changed: before, after, cause; refused, registration_failed, communication_lost: code;
/// authorized: from = start_date, to = end, after; registered, certificate_*: to = the
/// certificate's end; evaluation_*: to = the evaluation's end; clock_corrected, clock_jumped: from
/// and to, the two values.
struct Event {
  EventKind kind{};
  UtcTime at{};  ///< licensing time
  Mode before = Mode::Disabled;
  Mode after = Mode::Disabled;
  Cause cause = Cause::none;
  std::optional<Errc> code{};
  UtcTime from{};
  UtcTime to{};

  friend bool operator==(const Event&, const Event&) = default;
};

/// Where inputs append what happened, in order. The caller owns, reads and clears it.
using Events = std::vector<Event>;

[[nodiscard]] constexpr std::string_view to_string(EventKind kind) {
  constexpr std::array<std::string_view, event_kinds> names{
      "mode_changed",      "registered",          "registration_failed", "authorized",
      "refused",           "certificate_renewed", "certificate_ending",  "certificate_ended",
      "evaluation_ending", "evaluation_ended",    "communication_lost",  "communication_restored",
      "clock_corrected",   "clock_jumped",        "fork_suspected",      "deregistered"};
  return names[static_cast<std::size_t>(kind)];
}

[[nodiscard]] constexpr std::string_view to_string(Cause cause) {
  constexpr std::array<std::string_view, 10> names{"enabled",           "disabled",
                                                   "granted",           "refused",
                                                   "deregistered",      "authorization_ended",
                                                   "certificate_ended", "evaluation_ended",
                                                   "clock_corrected",   "none"};
  return names[static_cast<std::size_t>(cause)];
}

}  // namespace smartlic::rules
