// RULES E3 and E4: deadlines at their exact instants and in order, and the evaluation's counter.

#include <random>

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr Periods periods{};

std::vector<EventKind> kinds_at(const Events& events, UtcTime at) {
  std::vector<EventKind> out;
  for (const auto& each : events) {
    if (each.at == at) out.push_back(each.kind);
  }
  return out;
}

TEST(Deadlines, E3_a_deadline_is_reached_at_its_exact_instant) {
  Device device = in_compliance_device();
  EXPECT_EQ(device.licence.next_rule_deadline().at, day(92));
  EXPECT_EQ(device.mode_at(day(92) - tick), Mode::InCompliance);
  EXPECT_EQ(device.mode_at(day(92)), Mode::AuthorizationExpired);
  EXPECT_EQ(device.last(EventKind::mode_changed).at, day(92));
}

TEST(Deadlines, E3_ties_run_authorization_then_certificate) {
  Device device;
  device.enable(day(0));
  device.registered(day(0), day(90));
  device.granted(day(0));
  ASSERT_TRUE(device.licence.deregister(day(89), device.events).ok());  // nobody answers
  device.licence.advance(day(91), device.events);
  // Both changes share the instant and both are recorded (E3); the deregistration asked for is done
  // locally once there is nobody left to tell (E9).
  EXPECT_EQ(kinds_at(device.events, day(90)),
            (std::vector{EventKind::mode_changed, EventKind::certificate_ended,
                         EventKind::deregistered, EventKind::mode_changed}));
  EXPECT_EQ(device.last(EventKind::mode_changed).before, Mode::AuthorizationExpired);
  EXPECT_EQ(device.last(EventKind::mode_changed).after, Mode::Eval);
}

TEST(Deadlines, E3_ties_run_certificate_then_evaluation) {
  Device device;
  device.enable(day(0));
  device.registered(day(10), day(90));
  device.licence.advance(day(90), device.events);
  EXPECT_EQ(kinds_at(device.events, day(90)),
            (std::vector{EventKind::certificate_ended, EventKind::evaluation_ended,
                         EventKind::mode_changed}));
  EXPECT_EQ(device.last(EventKind::mode_changed).cause, Cause::evaluation_ended);
}

TEST(Deadlines, E3_they_run_before_the_input_of_their_instant) {
  Device device = in_compliance_device();
  device.granted(day(92));
  const auto at_end = kinds_at(device.events, day(92));
  EXPECT_EQ(at_end,
            (std::vector{EventKind::mode_changed, EventKind::authorized, EventKind::mode_changed}));
}

TEST(Deadlines, E3_they_run_in_Disabled_too) {
  Device device = in_compliance_device();
  device.disable(day(3));
  device.licence.advance(day(400), device.events);
  EXPECT_EQ(device.last(EventKind::certificate_ended).at, day(361));
  device.enable(day(400));
  EXPECT_EQ(device.licence.mode(), Mode::AuthorizationExpired);
}

TEST(Deadlines, a_time_before_the_last_one_is_taken_as_the_last_one) {
  Device device = in_compliance_device();
  device.licence.advance(day(50), device.events);
  const LicenceState before = device.licence.state();
  device.licence.advance(day(10), device.events);
  EXPECT_EQ(device.licence.state(), before);
  EXPECT_TRUE(device.licence.authorize(day(10), device.events).ok());
  EXPECT_EQ(device.due(RequestKind::authorization).at, day(50));
}

constexpr Ms days(std::uint64_t n) { return static_cast<int>(n) * one_day; }

/// One random input at `now`; both devices of the property get the same.
void act(Device& device, std::uint32_t choice, UtcTime now) {
  auto& licence = device.licence;
  auto& events = device.events;
  switch (choice % 13) {
    case 0:
      licence.enable(now, events);
      break;
    case 1:
      choice % 5 == 0 ? licence.disable(now, events) : licence.advance(now, events);
      break;
    case 2:
      (void)licence.request(now, events);
      break;
    case 3:
      (void)licence.authorize(now, events);
      break;
    case 4:
      (void)licence.renew(now, events);
      break;
    case 5:
      choice % 3 == 0 ? (void)licence.deregister(now, events) : licence.advance(now, events);
      break;
    case 6:
      if (!licence.register_(now, events)) break;
      licence.opened(Slot::online, RequestKind::registration, now, events);
      (void)licence.handle_registered(
          Slot::online, Device::certificate(now, now + Ms{choice} * 5 + one_day), now, events);
      break;
    case 7:
    case 8:
      licence.opened(Slot::online, RequestKind::authorization, now, events);
      (void)licence.handle_granted(Slot::online, {now, choice % 2 == 0, one_day}, now, events);
      break;
    case 9:
      licence.opened(Slot::online, RequestKind::renewal, now, events);
      (void)licence.handle_renewed(
          Slot::online, Device::certificate(now, now + Ms{choice} * 5 + one_day), now, events);
      break;
    case 10:
      licence.opened(Slot::online, RequestKind::authorization, now, events);
      (void)licence.handle_refused(
          Slot::online, choice % 2 == 0 ? Errc::entitlement_denied : Errc::busy, {}, now, events);
      break;
    case 11:
      licence.correct(now, now + Ms{choice % 1000} * 3600'000 - 10 * one_day, events);
      break;
    case 12:
      licence.handle_no_answer(Errc::timed_out, {}, now, events);
      break;
    default:
      break;
  }
}

TEST(Deadlines, E3_the_next_one_is_known_after_every_input) {
  std::mt19937 random{7};
  Device device;
  for (int step = 0; step < 20'000; ++step) {
    const UtcTime now = device.licence.time() + days(random() % 40) + Ms{random() % 3};
    act(device, static_cast<std::uint32_t>(random()), now);
    ASSERT_EQ(device.licence.next_rule_deadline(),
              Licence{device.licence.state()}.next_rule_deadline())
        << "step " << step;
  }
}

TEST(Deadlines, E3_a_late_wake_up_gives_the_history_of_a_punctual_one) {
  std::size_t compared = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    Device punctual;
    Device late;
    UtcTime now = origin;
    for (int step = 0; step < 40; ++step) {
      now = late.licence.time() + days(random() % 40) + Ms{random() % 3};
      for (auto next = punctual.licence.next_rule_deadline().at; next < now;
           next = punctual.licence.next_rule_deadline().at) {
        punctual.licence.advance(next - tick, punctual.events);
        punctual.licence.advance(next, punctual.events);
      }
      const auto choice = static_cast<std::uint32_t>(random());
      act(punctual, choice, now);
      act(late, choice, now);
      ASSERT_EQ(punctual.events, late.events) << "seed " << seed << " step " << step;
      ASSERT_EQ(punctual.licence.state(), late.licence.state()) << "seed " << seed;
      ASSERT_LE(late.licence.evaluation_used(), periods.evaluation);
    }
    compared += late.events.size();
  }
  EXPECT_GT(compared, 3000U) << "the schedules reach deadlines";
}

TEST(Deadlines, next_deadline_covers_every_change_of_mode) {
  // Nothing changes strictly before next_rule_deadline().
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random{seed};
    Device device;
    for (int step = 0; step < 40; ++step) {
      act(device, static_cast<std::uint32_t>(random()),
          device.licence.time() + days(random() % 40));
      const UtcTime next = device.licence.next_rule_deadline().at;
      if (next == never) continue;
      const auto reported = device.events.size();
      device.licence.advance(next - tick, device.events);
      ASSERT_EQ(device.events.size(), reported);
      ASSERT_EQ(mode_at(device.licence.state().facts, periods, device.licence.time()),
                device.licence.mode());
    }
  }
}

TEST(Deadlines, C6_coming_tells_what_follows_from_silence_and_changes_nothing) {
  Device device;
  device.enable(day(0));
  device.registered(day(1), day(31));
  device.granted(day(1));
  const LicenceState before = device.licence.state();
  const Events coming = device.licence.coming();
  EXPECT_EQ(device.licence.state(), before);
  ASSERT_EQ(coming.size(), 2U);
  EXPECT_EQ(coming[0].at, day(31));
  EXPECT_EQ(coming[0].after, Mode::Eval);
  EXPECT_EQ(coming[1].at, day(120)) << "one day was used before";
  EXPECT_EQ(coming[1].after, Mode::EvalExpired);
  device.licence.advance(day(1000), device.events);
  EXPECT_EQ(device.last(EventKind::mode_changed), coming[1]);
  EXPECT_TRUE(device.licence.coming().empty());
}

TEST(Evaluation, E4_starts_when_first_enabled_and_ends_after_90_days) {
  Device device;
  device.licence.advance(day(30), device.events);
  EXPECT_EQ(device.licence.evaluation_used(), Ms{0});
  device.enable(day(30));
  EXPECT_EQ(device.licence.evaluation_end(), day(120));
  EXPECT_EQ(device.mode_at(day(120) - tick), Mode::Eval);
  EXPECT_EQ(device.licence.evaluation_used(), periods.evaluation - tick);
  EXPECT_EQ(device.mode_at(day(120)), Mode::EvalExpired);
  EXPECT_EQ(device.mode_at(day(500)), Mode::EvalExpired);
  EXPECT_EQ(device.licence.evaluation_used(), periods.evaluation);
  EXPECT_EQ(device.licence.evaluation_end(), never);
}

TEST(Evaluation, E4_counts_the_time_in_mode_Eval_only) {
  Device device;
  device.enable(day(0));
  device.disable(day(10));  // 10 days used; pauses
  device.enable(day(100));
  device.registered(day(105), day(465));  // goes on: registered without authorization is Eval
  device.granted(day(110));               // 20 days used
  EXPECT_EQ(device.mode_at(day(200)), Mode::AuthorizationExpired);
  EXPECT_EQ(device.licence.evaluation_used(), 20 * one_day);
  device.refused(RequestKind::authorization, Errc::entitlement_denied, day(210));
  EXPECT_EQ(device.licence.evaluation_end(), day(280));
  EXPECT_EQ(device.mode_at(day(280) - tick), Mode::Eval);
  EXPECT_EQ(device.mode_at(day(280)), Mode::EvalExpired);
}

TEST(Evaluation, E4_nothing_refunds_it) {
  Device device;
  device.enable(day(0));
  device.licence.advance(day(90), device.events);
  device.registered(day(91), day(451));
  device.granted(day(91));
  device.open(RequestKind::deregistration, day(92));
  ASSERT_TRUE(device.licence.handle_deregistered(Slot::online, day(92), device.events).ok());
  EXPECT_EQ(device.licence.mode(), Mode::EvalExpired);
  device.registered(day(93), day(453));
  device.disable(day(94));
  device.enable(day(95));
  EXPECT_EQ(device.licence.mode(), Mode::EvalExpired);
  EXPECT_EQ(device.licence.evaluation_used(), periods.evaluation);
}

}  // namespace
}  // namespace smartlic::rules
