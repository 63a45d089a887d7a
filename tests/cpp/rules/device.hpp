#pragma once
// A device for the tests of the rules: a Licence, what it reported, and short ways to bring it
// somewhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "rules/licence.hpp"

namespace smartlic {

// How GoogleTest prints what differs.
inline void PrintTo(Mode mode, std::ostream* out) { *out << to_string(mode); }
inline void PrintTo(Errc code, std::ostream* out) { *out << to_string(code); }

namespace rules {

inline void PrintTo(const Event& event, std::ostream* out) {
  *out << to_string(event.kind) << " at " << event.at.time_since_epoch().count() << " ("
       << to_string(event.before) << " -> " << to_string(event.after) << ", "
       << to_string(event.cause) << ")";
}

inline constexpr UtcTime origin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
inline constexpr Ms tick{1};
constexpr UtcTime day(int n) { return origin + n * one_day; }

/// Every method here expects the licence to accept what it says.
struct Device {
  Licence licence;
  Events events{};

  explicit Device(UtcTime made = origin, const EnforcementTable& table = enforcement_table,
                  std::uint64_t seed = 1)
      : licence{made, seed, {}, table} {}

  [[nodiscard]] Mode mode_at(UtcTime now) {
    licence.advance(now, events);
    return licence.mode();
  }
  void enable(UtcTime now) { licence.enable(now, events); }
  void disable(UtcTime now) { licence.disable(now, events); }
  void open(RequestKind kind, UtcTime now, Slot slot = Slot::online) {
    licence.opened(slot, kind, now, events);
  }
  void registered(UtcTime now, UtcTime not_after) {
    EXPECT_TRUE(licence.register_(now, events).ok());
    open(RequestKind::registration, now);
    EXPECT_TRUE(
        licence.handle_registered(Slot::online, certificate(now, not_after), now, events).ok());
  }
  void renewed(UtcTime now, UtcTime not_after) {
    open(RequestKind::renewal, now);
    EXPECT_TRUE(
        licence.handle_renewed(Slot::online, certificate(now, not_after), now, events).ok());
  }
  void request(UtcTime now) { EXPECT_TRUE(licence.request(now, events).ok()); }
  void granted(UtcTime now, bool out = false, Ms retry_interval = 30 * one_day) {
    open(RequestKind::authorization, now);
    EXPECT_TRUE(licence.handle_granted(Slot::online, {now, out, retry_interval}, now, events).ok());
  }
  void refused(RequestKind kind, Errc code, UtcTime now, std::optional<Ms> retry_after = {}) {
    open(kind, now);
    EXPECT_TRUE(licence.handle_refused(Slot::online, code, retry_after, now, events).ok());
  }
  void unanswered(RequestKind kind, UtcTime now, std::optional<Ms> retry_after = {}) {
    open(kind, now);
    licence.handle_no_answer(Errc::unreachable, retry_after, now, events);
  }
  /// Renewed half way through its life (D1).
  static CertificateFacts certificate(UtcTime issued, UtcTime not_after) {
    return {issued, not_after, issued + (not_after - issued) / 2};
  }
  [[nodiscard]] const Due& due(RequestKind kind) const {
    return licence.state().due[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] auto count(EventKind kind) const {
    return std::ranges::count(events, kind, &Event::kind);
  }
  /// The last event of this kind; a failure if there is none.
  [[nodiscard]] Event last(EventKind kind) const {
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [kind](const Event& each) { return each.kind == kind; });
    EXPECT_NE(found, events.rend()) << "no event " << to_string(kind);
    return found == events.rend() ? Event{} : *found;
  }
};

/// Enabled on day 0, registered for 360 days on day 1, in compliance from day 2 on.
inline Device in_compliance_device() {
  Device device;
  device.enable(day(0));
  device.registered(day(1), day(361));
  device.request(day(2));
  device.granted(day(2));
  return device;
}

}  // namespace rules
}  // namespace smartlic
