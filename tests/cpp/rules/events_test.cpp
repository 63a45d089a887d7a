// RULES E10: every event of a licence, with its time and facts. (clock_jumped and fork_suspected
// are the Agent's.)

#include <set>

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr Periods periods{};

TEST(Events, E10_mode_changed_names_before_after_and_cause) {
  Device device;
  device.enable(day(0));
  device.registered(day(1), day(40));
  device.granted(day(2));
  device.licence.advance(day(40), device.events);  // by the bound
  device.registered(day(41), day(401));
  device.granted(day(42), true);
  device.licence.advance(day(132), device.events);  // by its own period
  device.refused(RequestKind::authorization, Errc::entitlement_denied, day(133));
  device.licence.correct(day(133), day(132), device.events);
  device.granted(day(133));
  device.open(RequestKind::deregistration, day(134));
  ASSERT_TRUE(device.licence.handle_deregistered(Slot::online, day(134), device.events).ok());
  device.licence.advance(day(400), device.events);
  device.disable(day(400));

  std::vector<std::pair<Cause, Mode>> changes;
  Mode before = Mode::Disabled;
  for (const auto& each : device.events) {
    if (each.kind != EventKind::mode_changed) continue;
    EXPECT_EQ(each.before, before);
    before = each.after;
    changes.emplace_back(each.cause, each.after);
  }
  EXPECT_EQ(changes, (std::vector<std::pair<Cause, Mode>>{
                         {Cause::enabled, Mode::Eval},
                         {Cause::granted, Mode::InCompliance},
                         {Cause::certificate_ended, Mode::Eval},
                         {Cause::granted, Mode::OutOfCompliance},
                         {Cause::authorization_ended, Mode::AuthorizationExpired},
                         {Cause::refused, Mode::Eval},
                         {Cause::granted, Mode::InCompliance},
                         {Cause::deregistered, Mode::Eval},
                         {Cause::evaluation_ended, Mode::EvalExpired},
                         {Cause::disabled, Mode::Disabled},
                     }));
}

TEST(Events, E10_authorized_tells_the_period_and_the_mode_it_gives) {
  const Device device = in_compliance_device();
  const Event authorized = device.last(EventKind::authorized);
  EXPECT_EQ(authorized.at, day(2));
  EXPECT_EQ(authorized.from, day(2));
  EXPECT_EQ(authorized.to, day(92));
  EXPECT_EQ(authorized.after, Mode::InCompliance);
}

TEST(Events, E10_certificates_tell_their_end) {
  Device device = in_compliance_device();
  EXPECT_EQ(device.last(EventKind::registered).to, day(361));
  device.renewed(day(20), day(380));
  EXPECT_EQ(device.last(EventKind::certificate_renewed).to, day(380));
  device.licence.advance(day(400), device.events);
  EXPECT_EQ(device.last(EventKind::certificate_ending).at, day(380) - periods.certificate_warning);
  EXPECT_EQ(device.last(EventKind::certificate_ending).to, day(380));
  EXPECT_EQ(device.last(EventKind::certificate_ended).at, day(380));
  EXPECT_EQ(device.last(EventKind::certificate_ended).to, day(380));
  EXPECT_EQ(device.count(EventKind::certificate_ending), 1);
  EXPECT_EQ(device.count(EventKind::certificate_ended), 1);
}

TEST(Events, E10_the_evaluation_warns_and_ends_once) {
  Device device;
  device.enable(day(0));
  device.disable(day(76));  // the instant of the warning
  device.enable(day(80));
  device.licence.advance(day(200), device.events);
  EXPECT_EQ(device.count(EventKind::evaluation_ending), 1);
  EXPECT_EQ(device.last(EventKind::evaluation_ending).at, day(76));
  EXPECT_EQ(device.last(EventKind::evaluation_ending).to, day(90)) << "as foreseen then";
  EXPECT_EQ(device.count(EventKind::evaluation_ended), 1);
  EXPECT_EQ(device.last(EventKind::evaluation_ended).at, day(94));
}

TEST(Events, E10_refusals_and_failed_registrations_tell_their_code) {
  Device device;
  device.enable(day(0));
  device.refused(RequestKind::registration, Errc::token_revoked, day(0));
  EXPECT_EQ(device.last(EventKind::registration_failed).code, Errc::token_revoked);
  EXPECT_EQ(device.count(EventKind::refused), 0);
  device.registered(day(1), day(361));
  device.refused(RequestKind::authorization, Errc::busy, day(2));
  EXPECT_EQ(device.last(EventKind::refused).code, Errc::busy);
}

TEST(Events, E10_communication_is_lost_and_restored_once) {
  Device device = in_compliance_device();
  device.unanswered(RequestKind::authorization, day(3));
  device.unanswered(RequestKind::authorization, day(4));
  EXPECT_EQ(device.count(EventKind::communication_lost), 1);
  EXPECT_EQ(device.last(EventKind::communication_lost).at, day(3));
  EXPECT_EQ(device.last(EventKind::communication_lost).code, Errc::unreachable);
  device.refused(RequestKind::authorization, Errc::busy, day(5));
  EXPECT_EQ(device.last(EventKind::communication_restored).at, day(5)) << "a refusal is an answer";
  device.granted(day(6));
  EXPECT_EQ(device.count(EventKind::communication_restored), 1);
}

TEST(Events, E10_a_corrected_clock_tells_both_values) {
  Device device = in_compliance_device();
  device.licence.correct(day(50), day(20), device.events);
  const Event corrected = device.last(EventKind::clock_corrected);
  EXPECT_EQ(corrected.from, day(50));
  EXPECT_EQ(corrected.to, day(20));
  EXPECT_EQ(corrected.at, day(20));
  device.events.clear();
  device.licence.correct(day(20), day(20), device.events);
  EXPECT_TRUE(device.events.empty()) << "nothing to correct";
}

TEST(Events, E10_every_kind_and_cause_has_its_own_name) {
  std::set<std::string_view> kinds;
  for (std::size_t n = 0; n < event_kinds; ++n) kinds.insert(to_string(EventKind(n)));
  EXPECT_EQ(kinds.size(), event_kinds);
  EXPECT_EQ(to_string(EventKind::deregistered), "deregistered");
  EXPECT_EQ(to_string(EventKind::certificate_ending), "certificate_ending");
  EXPECT_EQ(to_string(Cause::none), "none");
  EXPECT_EQ(to_string(Cause::certificate_ended), "certificate_ended");
  EXPECT_EQ(to_string(Condition::otherwise), "otherwise");
}

}  // namespace
}  // namespace smartlic::rules
