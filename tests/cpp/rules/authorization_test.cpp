// RULES E1, E2, E5, E6, E7: the mode as a function of facts, and what answers do to the facts.

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr Periods periods{};

TEST(Enforcement, E1_first_match_wins) {
  Facts facts;
  facts.authorization = Authorization{day(0), day(360), true};
  EXPECT_EQ(mode_at(facts, periods, day(1)), Mode::Disabled);
  facts.enabled = true;
  EXPECT_EQ(mode_at(facts, periods, day(1)), Mode::OutOfCompliance);
  facts.authorization->out_of_compliance = false;
  EXPECT_EQ(mode_at(facts, periods, day(1)), Mode::InCompliance);
  EXPECT_EQ(mode_at(facts, periods, day(90)), Mode::AuthorizationExpired);
  facts.authorization->bound = day(60);
  EXPECT_EQ(mode_at(facts, periods, day(90)), Mode::Eval);
  facts.evaluation_used = periods.evaluation - tick;
  EXPECT_EQ(mode_at(facts, periods, day(90)), Mode::Eval);
  facts.evaluation_used = periods.evaluation;
  EXPECT_EQ(mode_at(facts, periods, day(90)), Mode::EvalExpired);
}

TEST(Enforcement, E2_the_end_is_the_earlier_and_a_tie_is_its_own_period) {
  const Authorization early_bound{day(0), day(90) - tick, false};
  EXPECT_EQ(early_bound.end(periods), day(90) - tick);
  EXPECT_FALSE(early_bound.ends_by_own_period(periods));
  const Authorization tie{day(0), day(90), false};
  EXPECT_EQ(tie.end(periods), day(90));
  EXPECT_TRUE(tie.ends_by_own_period(periods));
  const Authorization late_bound{day(0), day(90) + tick, false};
  EXPECT_EQ(late_bound.end(periods), day(90));
  EXPECT_TRUE(late_bound.ends_by_own_period(periods));
}

TEST(Authorization, E2_the_next_answer_replaces_it_whatever_its_start_date) {
  Device device = in_compliance_device();
  device.open(RequestKind::authorization, day(10));
  ASSERT_TRUE(
      device.licence.handle_granted(Slot::online, {day(1), true, one_day}, day(10), device.events)
          .ok());
  EXPECT_EQ(device.licence.mode(), Mode::OutOfCompliance);
  EXPECT_EQ(device.mode_at(day(91) - tick), Mode::OutOfCompliance);
  EXPECT_EQ(device.mode_at(day(91)), Mode::AuthorizationExpired);
}

TEST(Authorization, E2_only_a_renewal_in_time_moves_the_bound) {
  Device in_time;
  in_time.enable(day(0));
  in_time.registered(day(0), day(40));
  in_time.granted(day(1));
  in_time.renewed(day(40) - tick, day(400));
  EXPECT_EQ(in_time.mode_at(day(40)), Mode::InCompliance);
  EXPECT_EQ(in_time.mode_at(day(91)), Mode::AuthorizationExpired);

  Device late;
  late.enable(day(0));
  late.registered(day(0), day(40));
  late.granted(day(1));
  late.renewed(day(40), day(400));
  EXPECT_EQ(late.licence.state().facts.authorization->bound, day(40));
  EXPECT_EQ(late.licence.mode(), Mode::Eval);
  EXPECT_EQ(late.mode_at(day(91)), Mode::Eval) << "its cause stays: the bound";
}

TEST(Authorization, E2_a_renewal_does_not_move_the_bound_of_one_that_ended_by_its_own_period) {
  Device device;
  device.enable(day(0));
  device.registered(day(0), day(90));
  device.granted(day(0));  // a tie: over by its own period
  EXPECT_EQ(device.mode_at(day(90)), Mode::AuthorizationExpired);
  device.renewed(day(91), day(400));
  EXPECT_EQ(device.licence.state().facts.authorization->bound, day(90));

  Device registered = in_compliance_device();
  EXPECT_EQ(registered.mode_at(day(92)), Mode::AuthorizationExpired);
  registered.renewed(day(181), day(541));  // in time, but the authorization's end has passed
  EXPECT_EQ(registered.licence.state().facts.authorization->bound, day(361));
  EXPECT_EQ(registered.licence.mode(), Mode::AuthorizationExpired);
}

TEST(Authorization, E2_an_end_by_its_own_period_is_lifted_by_refusal_and_deregistration_only) {
  Device device = in_compliance_device();
  EXPECT_EQ(device.mode_at(day(361)), Mode::AuthorizationExpired) << "the certificate ended";
  device.registered(day(362), day(722));
  EXPECT_EQ(device.licence.mode(), Mode::AuthorizationExpired) << "a new registration";
  EXPECT_EQ(device.mode_at(day(500)), Mode::AuthorizationExpired) << "waiting";

  Device refused = device;
  refused.refused(RequestKind::authorization, Errc::entitlement_denied, day(501));
  EXPECT_EQ(refused.licence.mode(), Mode::Eval);

  Device deregistered = device;
  deregistered.open(RequestKind::deregistration, day(501));
  ASSERT_TRUE(
      deregistered.licence.handle_deregistered(Slot::online, day(501), deregistered.events).ok());
  EXPECT_EQ(deregistered.licence.mode(), Mode::Eval);
}

TEST(Authorization, E5_a_grant_restores_row_2_from_both_expired_modes) {
  Device expired;
  expired.enable(day(0));
  EXPECT_EQ(expired.mode_at(day(100)), Mode::EvalExpired);
  expired.registered(day(100), day(460));
  EXPECT_EQ(expired.licence.mode(), Mode::EvalExpired) << "registering alone does not";
  expired.granted(day(100), true);
  EXPECT_EQ(expired.licence.mode(), Mode::OutOfCompliance);
  EXPECT_EQ(expired.mode_at(day(190)), Mode::AuthorizationExpired);
  expired.granted(day(190));
  EXPECT_EQ(expired.licence.mode(), Mode::InCompliance);
}

TEST(Authorization, E5_a_grant_whose_own_period_is_over_changes_nothing_and_is_asked_again) {
  Device device = in_compliance_device();
  const Facts before = device.licence.state().facts;
  device.open(RequestKind::authorization, day(50));
  device.events.clear();
  const auto over = device.licence.handle_granted(
      Slot::online, {day(50) - periods.authorization, true, one_day}, day(50), device.events);
  EXPECT_EQ(over.error().code, Errc::authorization_over);
  EXPECT_EQ(device.licence.state().facts, before);
  EXPECT_TRUE(device.events.empty());
  EXPECT_EQ(device.licence.open(Slot::online), RequestKind::authorization) << "not closed (M8)";
  const UtcTime again = device.due(RequestKind::authorization).at;
  EXPECT_GT(again, day(50));
  EXPECT_LE(again, day(50) + periods.retry_base);
  device.licence.advance(again, device.events);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::authorization);

  device.open(RequestKind::authorization, day(51));
  EXPECT_TRUE(device.licence
                  .handle_granted(Slot::online,
                                  {day(51) - periods.authorization + tick, true, one_day}, day(51),
                                  device.events)
                  .ok())
      << "one tick of it is left";
  EXPECT_EQ(device.licence.mode(), Mode::OutOfCompliance);
}

TEST(Authorization, E6_silence_and_keeping_refusals_change_no_mode) {
  for (const auto& row : error_table()) {
    Device device = in_compliance_device();
    const Facts before = device.licence.state().facts;
    device.open(RequestKind::authorization, day(10));
    if (row.effect && *row.effect != Effect::keep) continue;
    const auto refused =
        device.licence.handle_refused(Slot::online, row.code, {}, day(10), device.events);
    EXPECT_EQ(refused.ok(), row.effect.has_value()) << row.name << ": only a refusal refuses";
    device.unanswered(RequestKind::authorization, day(11));
    EXPECT_EQ(device.licence.state().facts, before) << row.name;
    EXPECT_EQ(device.licence.mode(), Mode::InCompliance) << row.name;
  }
}

TEST(Authorization, E6_a_dropping_refusal_of_any_open_request_counts) {
  for (const auto& row : error_table()) {
    if (!row.effect || *row.effect == Effect::keep) continue;
    for (const auto kind : {RequestKind::authorization, RequestKind::renewal}) {
      Device device = in_compliance_device();
      device.refused(kind, row.code, day(10));
      EXPECT_EQ(device.licence.mode(), Mode::Eval) << row.name;
      EXPECT_EQ(device.licence.registered(), *row.effect == Effect::drop_authorization) << row.name;
    }
  }
}

TEST(Authorization, E6_a_refusal_without_an_open_request_is_ignored) {
  Device device = in_compliance_device();
  const LicenceState before = device.licence.state();
  for (const Slot slot : {Slot::online, Slot::exported}) {
    const auto refused =
        device.licence.handle_refused(slot, Errc::instance_removed, {}, day(2), device.events);
    EXPECT_EQ(refused.error().code, Errc::answer_unmatched);
  }
  EXPECT_EQ(device.licence.state(), before);
}

TEST(Certificate, E7_at_its_end_authorization_requests_close_and_a_grant_is_late) {
  Device device = in_compliance_device();
  device.open(RequestKind::authorization, day(300), Slot::exported);
  device.open(RequestKind::authorization, day(360));
  device.licence.advance(day(361) - tick, device.events);
  EXPECT_TRUE(device.licence.registered());
  EXPECT_EQ(device.licence.open(Slot::online), RequestKind::authorization);
  device.licence.advance(day(361), device.events);
  EXPECT_FALSE(device.licence.registered());
  for (const Slot slot : {Slot::online, Slot::exported}) {
    EXPECT_EQ(device.licence.open(slot), std::nullopt);
    const auto late =
        device.licence.handle_granted(slot, {day(361), false, one_day}, day(361), device.events);
    EXPECT_EQ(late.error().code, Errc::answer_unmatched);
  }
  EXPECT_EQ(device.licence.mode(), Mode::AuthorizationExpired);
}

TEST(Certificate, E7_an_unidentified_device_takes_no_grant_even_if_a_request_is_open) {
  Device device;
  device.enable(day(0));
  device.open(RequestKind::authorization, day(1));
  const auto late =
      device.licence.handle_granted(Slot::online, {day(1), false, one_day}, day(1), device.events);
  EXPECT_EQ(late.error().code, Errc::answer_unmatched);
  EXPECT_EQ(device.licence.mode(), Mode::Eval);

  Device ended = in_compliance_device();
  ended.open(RequestKind::authorization, day(361));
  EXPECT_FALSE(
      ended.licence.handle_granted(Slot::online, {day(361), false, one_day}, day(361), ended.events)
          .ok());
  EXPECT_EQ(ended.licence.mode(), Mode::AuthorizationExpired);
}

TEST(Certificate, E7_renewal_goes_on_after_the_end_and_a_late_one_registers_again) {
  Device device = in_compliance_device();
  device.open(RequestKind::renewal, day(350));
  device.licence.advance(day(362), device.events);
  EXPECT_EQ(device.licence.open(Slot::online), RequestKind::renewal) << "stays open";
  device.licence.handle_no_answer(Errc::unreachable, {}, day(362), device.events);
  device.licence.advance(day(363), device.events);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::renewal) << "and is asked for again";
  EXPECT_TRUE(device.licence.register_(day(363), device.events).ok());

  device.renewed(day(363), day(723));
  EXPECT_TRUE(device.licence.registered());
  EXPECT_EQ(device.licence.poll_request(), RequestKind::authorization) << "asks again at once";
  device.granted(day(363));
  EXPECT_EQ(device.licence.mode(), Mode::InCompliance);
  EXPECT_EQ(device.due(RequestKind::registration).at, never) << "the registration is needless now";
}

TEST(Certificate, E7_a_dropping_refusal_of_the_renewal_still_counts_after_the_end) {
  Device device = in_compliance_device();
  device.licence.advance(day(362), device.events);
  ASSERT_EQ(device.licence.mode(), Mode::AuthorizationExpired);
  device.refused(RequestKind::renewal, Errc::certificate_revoked, day(362));
  EXPECT_EQ(device.licence.mode(), Mode::Eval);
  EXPECT_FALSE(device.licence.state().certificate);
}

TEST(Certificate, E7_a_renewal_in_time_leaves_the_next_ask_where_it_was) {
  Device device = in_compliance_device();
  const Due before = device.due(RequestKind::authorization);
  device.renewed(day(20), day(380));
  EXPECT_EQ(device.due(RequestKind::authorization), before);
  EXPECT_EQ(device.due(RequestKind::renewal).at, day(200));
}

TEST(Certificate, a_new_certificate_that_has_ended_changes_nothing_and_is_asked_for_again) {
  Device device = in_compliance_device();
  const LicenceState before = device.licence.state();
  const auto ended = Device::certificate(day(1), day(10));
  device.open(RequestKind::renewal, day(10));
  const auto renewed = device.licence.handle_renewed(Slot::online, ended, day(10), device.events);
  EXPECT_EQ(renewed.error().code, Errc::certificate_expired);
  EXPECT_EQ(device.licence.state().certificate, before.certificate);
  EXPECT_LE(device.licence.next_deadline(), day(10) + periods.retry_base)
      << "does not wait for ever";
  const auto unmatched =
      device.licence.handle_registered(Slot::online, ended, day(10), device.events);
  EXPECT_EQ(unmatched.error().code, Errc::answer_unmatched);
}

}  // namespace
}  // namespace smartlic::rules
