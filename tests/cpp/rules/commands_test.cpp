// RULES E9: what commands do, when they are refused, and what closes open requests.

#include "device.hpp"

namespace smartlic::rules {
namespace {

/// Expects `command` to be refused at the device's last instant, by a text that names it and the
/// state, and to leave the whole state as it was.
template <class Command>
void expect_refused(Device device, Command command, std::string_view name, std::string_view state) {
  const LicenceState before = device.licence.state();
  device.events.clear();
  const auto result = (device.licence.*command)(device.licence.time(), device.events);
  ASSERT_FALSE(result.ok()) << name;
  EXPECT_EQ(result.error().code, Errc::command_refused);
  EXPECT_NE(result.error().message().find(name), std::string::npos) << result.error().message();
  EXPECT_NE(result.error().message().find(state), std::string::npos) << result.error().message();
  EXPECT_EQ(device.licence.state(), before) << name;
  EXPECT_TRUE(device.events.empty()) << name;
}

TEST(Commands, E9_while_Disabled_every_one_but_enable_is_an_error) {
  Device disabled = in_compliance_device();
  disabled.disable(day(3));
  for (const Device& device : {disabled, Device{}}) {
    expect_refused(device, &Licence::register_, "register", "disabled");
    expect_refused(device, &Licence::request, "request", "disabled");
    expect_refused(device, &Licence::authorize, "authorize", "disabled");
    expect_refused(device, &Licence::renew, "renew", "disabled");
    expect_refused(device, &Licence::deregister, "deregister", "disabled");
  }
}

TEST(Commands, E9_what_the_state_does_not_allow_is_refused_and_changes_nothing) {
  const Device registered = in_compliance_device();
  expect_refused(registered, &Licence::register_, "register", "deregister first");
  Device unidentified;
  unidentified.enable(day(0));
  expect_refused(unidentified, &Licence::authorize, "authorize", "unidentified");
  expect_refused(unidentified, &Licence::renew, "renew", "unidentified");
  expect_refused(unidentified, &Licence::deregister, "deregister", "unidentified");
  unidentified.registered(day(0), day(360));
  expect_refused(unidentified, &Licence::authorize, "authorize", "nothing is requested");
}

TEST(Commands, E9_a_refused_command_still_runs_the_deadlines_before_it) {
  Device device;
  device.enable(day(0));
  EXPECT_FALSE(device.licence.renew(day(100), device.events).ok());
  EXPECT_EQ(device.licence.mode(), Mode::EvalExpired);
}

TEST(Commands, E9_enabling_or_disabling_twice_changes_nothing) {
  Device device = in_compliance_device();
  LicenceState before = device.licence.state();
  device.events.clear();
  device.enable(device.licence.time());
  EXPECT_EQ(device.licence.state(), before);
  device.disable(day(3));
  EXPECT_EQ(device.events.size(), 1U);
  before = device.licence.state();
  device.disable(day(3));
  EXPECT_EQ(device.licence.state(), before);
  EXPECT_EQ(device.events.size(), 1U);
}

TEST(Commands, E9_disabling_changes_row_1_only_and_nothing_is_sent) {
  Device device = in_compliance_device();
  ASSERT_TRUE(device.licence.authorize(day(3), device.events).ok());
  device.open(RequestKind::authorization, day(3), Slot::exported);
  device.disable(day(3));
  EXPECT_EQ(device.licence.mode(), Mode::Disabled);
  EXPECT_EQ(device.licence.poll_request(), std::nullopt);
  EXPECT_GT(device.licence.next_deadline(), day(3));
  ASSERT_TRUE(
      device.licence.handle_granted(Slot::exported, {day(4), true, one_day}, day(4), device.events)
          .ok())
      << "an answer already asked for still acts";
  EXPECT_EQ(device.licence.mode(), Mode::Disabled);
  device.enable(day(5));
  EXPECT_EQ(device.licence.mode(), Mode::OutOfCompliance);
}

TEST(Commands, E9_a_changed_request_changes_the_mode_only_when_answered) {
  Device device = in_compliance_device();
  device.request(day(3));
  EXPECT_EQ(device.licence.mode(), Mode::InCompliance);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::authorization);
  device.granted(day(3), true);
  EXPECT_EQ(device.licence.mode(), Mode::OutOfCompliance);
  EXPECT_EQ(device.licence.poll_request(), std::nullopt);
}

TEST(Commands, E9_a_request_changed_while_one_is_open_is_asked_at_once_after_its_answer) {
  for (const bool granted : {true, false}) {
    Device device = in_compliance_device();
    device.open(RequestKind::authorization, day(3));
    device.request(day(3));
    EXPECT_EQ(device.licence.poll_request(), std::nullopt) << "the wire is taken";
    if (granted) {
      ASSERT_TRUE(device.licence
                      .handle_granted(Slot::online, {day(4), false, one_day}, day(4), device.events)
                      .ok());
    } else {
      ASSERT_TRUE(
          device.licence
              .handle_refused(Slot::online, Errc::entitlement_denied, {}, day(4), device.events)
              .ok());
    }
    EXPECT_EQ(device.licence.poll_request(), RequestKind::authorization);
    device.granted(day(4));
    EXPECT_EQ(device.licence.poll_request(), std::nullopt) << "once";
  }
}

TEST(Commands, E9_what_would_not_be_sent_while_deregistering_is_refused) {
  Device device = in_compliance_device();
  ASSERT_TRUE(device.licence.deregister(day(3), device.events).ok());
  const auto before = device.licence.state();
  for (const auto& refused : {device.licence.request(day(3), device.events),
                              device.licence.authorize(day(3), device.events),
                              device.licence.renew(day(3), device.events)}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::command_refused);
    EXPECT_NE(refused.error().detail.find("deregistered"), std::string::npos);
  }
  EXPECT_EQ(device.licence.state(), before);
}

TEST(Commands, E9_registering_again_outlives_the_refusal_of_the_attempt_under_way) {
  Device device;
  device.enable(day(0));
  ASSERT_TRUE(device.licence.register_(day(1), device.events).ok());
  device.open(RequestKind::registration, day(1));
  ASSERT_TRUE(device.licence.register_(day(1), device.events).ok()) << "with another token";
  EXPECT_EQ(device.licence.poll_request(), RequestKind::registration);
  const auto late =
      device.licence.handle_refused(Slot::online, Errc::token_expired, {}, day(1), device.events);
  EXPECT_FALSE(late.ok());
  EXPECT_EQ(device.licence.poll_request(), RequestKind::registration);
}

TEST(Commands, E9_deregistering_waits_for_the_manager_and_nothing_else_is_sent) {
  Device device = in_compliance_device();
  ASSERT_TRUE(device.licence.authorize(day(3), device.events).ok());
  ASSERT_TRUE(device.licence.renew(day(3), device.events).ok());
  const auto done = device.licence.deregister(day(3), device.events);
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(*done);
  EXPECT_EQ(device.licence.mode(), Mode::InCompliance);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::deregistration);
  device.unanswered(RequestKind::deregistration, day(3));
  EXPECT_EQ(device.licence.poll_request(), std::nullopt);
  device.licence.advance(day(4), device.events);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::deregistration) << "retried";
  device.open(RequestKind::deregistration, day(4));
  ASSERT_TRUE(device.licence.handle_deregistered(Slot::online, day(4), device.events).ok());
  EXPECT_EQ(device.licence.mode(), Mode::Eval);
  EXPECT_FALSE(device.licence.state().certificate);
}

TEST(Commands, E9_an_ended_certificate_is_deregistered_at_once_and_locally) {
  Device device = in_compliance_device();
  device.licence.advance(day(361), device.events);
  ASSERT_EQ(device.licence.mode(), Mode::AuthorizationExpired);
  const auto done = device.licence.deregister(day(361), device.events);
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(*done);
  EXPECT_EQ(device.licence.mode(), Mode::Eval);
  EXPECT_EQ(device.count(EventKind::deregistered), 1);
  EXPECT_EQ(device.licence.poll_request(), std::nullopt);
}

TEST(Commands, E9_losing_the_registration_closes_both_slots) {
  const auto with_both_open = [](RequestKind online) {
    Device device = in_compliance_device();
    device.open(RequestKind::authorization, day(3), Slot::exported);
    device.open(online, day(3));
    return device;
  };
  Device deregistered = with_both_open(RequestKind::deregistration);
  ASSERT_TRUE(
      deregistered.licence.handle_deregistered(Slot::online, day(3), deregistered.events).ok());
  Device removed = with_both_open(RequestKind::renewal);
  ASSERT_TRUE(removed.licence
                  .handle_refused(Slot::online, Errc::instance_removed, {}, day(3), removed.events)
                  .ok());
  Device by_file = with_both_open(RequestKind::renewal);
  ASSERT_TRUE(
      by_file.licence
          .handle_refused(Slot::exported, Errc::instance_removed, {}, day(3), by_file.events)
          .ok());
  for (const auto* device : {&deregistered, &removed, &by_file}) {
    EXPECT_EQ(device->licence.open(Slot::online), std::nullopt);
    EXPECT_EQ(device->licence.open(Slot::exported), std::nullopt);
    EXPECT_FALSE(device->licence.registered());
  }
}

TEST(Commands, M12_an_online_decision_voids_the_exported_request_and_silence_does_not) {
  const auto exported = [](auto online) {
    Device device = in_compliance_device();
    device.open(RequestKind::authorization, day(3), Slot::exported);
    online(device);
    return device.licence.open(Slot::exported).has_value();
  };
  EXPECT_FALSE(exported([](Device& d) { d.granted(day(4)); }));
  EXPECT_FALSE(exported([](Device& d) { d.renewed(day(4), day(364)); }));
  EXPECT_TRUE(exported([](Device& d) { d.unanswered(RequestKind::authorization, day(4)); }));
  EXPECT_TRUE(
      exported([](Device& d) { d.refused(RequestKind::authorization, Errc::busy, day(4)); }));
}

TEST(Commands, E9_unmatched_and_late_answers_change_nothing) {
  Device device = in_compliance_device();
  device.open(RequestKind::authorization, day(3));
  device.licence.handle_no_answer(Errc::timed_out, {}, day(3), device.events);
  const LicenceState before = device.licence.state();
  const auto cert = Device::certificate(day(3), day(363));
  auto& licence = device.licence;
  const auto code_of = [](const Result<void>& result) { return result.error().code; };
  EXPECT_EQ(code_of(licence.handle_registered(Slot::online, cert, day(3), device.events)),
            Errc::answer_unmatched);
  EXPECT_EQ(code_of(licence.handle_renewed(Slot::online, cert, day(3), device.events)),
            Errc::answer_unmatched);
  EXPECT_EQ(code_of(licence.handle_deregistered(Slot::online, day(3), device.events)),
            Errc::answer_unmatched);
  EXPECT_EQ(code_of(licence.handle_granted(Slot::exported, {day(3), true, one_day}, day(3),
                                           device.events)),
            Errc::answer_unmatched);
  licence.handle_no_answer(Errc::timed_out, {}, day(3), device.events);  // nobody waits
  EXPECT_EQ(licence.state(), before);
  EXPECT_TRUE(
      licence.handle_granted(Slot::online, {day(3), true, one_day}, day(3), device.events).ok())
      << "the request is still open after silence: its answer, though slow, counts";
}

}  // namespace
}  // namespace smartlic::rules
