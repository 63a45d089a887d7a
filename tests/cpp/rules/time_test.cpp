// RULES T1, T2, T4: licensing time beside the machine's clocks, and a licence whose time was wrong.

#include "rules/licensing_clock.hpp"

#include "device.hpp"

namespace smartlic::rules {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Uuid first_boot{{1}};
constexpr Uuid second_boot{{2}};

Now now_at(UtcTime wall, nanoseconds boot, const Uuid& boot_id = first_boot) {
  return {wall, BootTime{boot}, boot_id};
}

TEST(LicensingTime, T1_within_a_boot_it_advances_with_the_boot_clock) {
  const LicensingClock clock{now_at(day(0), hours{1})};
  EXPECT_EQ(clock.at(now_at(day(0), hours{1})), day(0));
  EXPECT_EQ(clock.at(now_at(day(900), hours{3})), day(0) + hours{2}) << "the wall does not count";
  EXPECT_EQ(clock.at(now_at(day(-900), hours{3})), day(0) + hours{2});
  EXPECT_EQ(clock.at(now_at(day(0), hours{0})), day(0)) << "never backwards by itself";
}

TEST(LicensingTime, T1_across_boots_by_the_wall_difference_but_never_back) {
  LicensingClock clock{now_at(day(0), hours{1})};
  EXPECT_EQ(clock.at(now_at(day(5), hours{0}, second_boot)), day(5)) << "time spent off counts";
  EXPECT_EQ(clock.at(now_at(day(-5), hours{7}, second_boot)), day(0));
  clock.observe(now_at(day(-5), hours{7}, second_boot));
  EXPECT_EQ(clock.licensing(), day(0));
  EXPECT_EQ(clock.at(now_at(day(-5), hours{8}, second_boot)), day(0) + hours{1});
}

TEST(LicensingTime, T1_is_not_the_wall_clock_once_they_have_parted) {
  const LicensingClock clock{day(100), now_at(day(0), hours{0})};
  EXPECT_EQ(clock.at(now_at(day(1), hours{24}, second_boot)), day(101));
}

TEST(LicensingTime, T1_many_looks_lose_no_part_of_a_millisecond) {
  LicensingClock clock{now_at(day(0), nanoseconds{0})};
  for (int n = 1; n <= 10'000; ++n) clock.observe(now_at(day(0), nanoseconds{n * 300'000LL}));
  EXPECT_EQ(clock.licensing(), day(0) + Ms{3'000});
}

TEST(LicensingTime, T4_a_jump_of_the_wall_clock_is_told_and_moves_nothing) {
  LicensingClock clock{now_at(day(0), hours{0})};
  const auto forward = clock.observe(now_at(day(30) + hours{1}, hours{1}));
  EXPECT_EQ(forward, (WallJump{day(0) + hours{1}, day(30) + hours{1}}));
  EXPECT_EQ(clock.licensing(), day(0) + hours{1});
  EXPECT_EQ(clock.observe(now_at(day(30) + hours{2}, hours{2})), std::nullopt) << "told once";
  const auto back = clock.observe(now_at(day(0) + hours{3}, hours{3}));
  EXPECT_EQ(back, (WallJump{day(30) + hours{3}, day(0) + hours{3}}));
  EXPECT_EQ(clock.licensing(), day(0) + hours{3});
}

TEST(LicensingTime, T4_a_wall_clock_that_is_adjusted_gently_is_no_jump) {
  LicensingClock clock{now_at(day(0), hours{0})};
  EXPECT_EQ(clock.observe(now_at(day(0) + seconds{10}, seconds{0}), seconds{10}), std::nullopt);
  EXPECT_NE(clock.observe(now_at(day(0) + seconds{20} + tick, seconds{0}), seconds{10}),
            std::nullopt);
}

TEST(LicensingTime, T4_across_boots_only_a_wall_clock_that_went_back_is_known_to_have_jumped) {
  LicensingClock clock{now_at(day(10), hours{5})};
  EXPECT_EQ(clock.observe(now_at(day(20), hours{0}, second_boot)), std::nullopt);
  const auto back = clock.observe(now_at(day(15), hours{0}, first_boot));
  EXPECT_EQ(back, (WallJump{day(20), day(15)}));
  EXPECT_EQ(clock.licensing(), day(20));
}

TEST(LicensingTime, T2_an_L_outside_the_interval_goes_to_the_nearer_end) {
  const LicensingClock clock{now_at(day(0), seconds{0})};
  const Now asked = now_at(day(0), seconds{100});
  const Now answered = now_at(day(0), seconds{104});  // L is day 0 + 104 s
  const UtcTime licensing = clock.at(answered);
  EXPECT_EQ(clock.corrected(answered, licensing + tick, asked), licensing + tick) << "too low";
  EXPECT_EQ(clock.corrected(answered, licensing, asked), licensing) << "lower end";
  EXPECT_EQ(clock.corrected(answered, licensing - seconds{2}, asked), licensing) << "inside";
  EXPECT_EQ(clock.corrected(answered, licensing - seconds{4}, asked), licensing) << "upper end";
  EXPECT_EQ(clock.corrected(answered, licensing - seconds{4} - tick, asked), licensing - tick)
      << "too high: the answer's time plus what has passed";
}

TEST(LicensingTime, T2_across_a_boot_only_the_lower_bound_holds) {
  const LicensingClock clock{now_at(day(50), seconds{0}, second_boot)};
  const Now asked = now_at(day(40), seconds{100}, first_boot);
  const Now answered = now_at(day(50), seconds{0}, second_boot);
  EXPECT_EQ(clock.corrected(answered, day(10), asked), day(50)) << "stays, however high";
  EXPECT_EQ(clock.corrected(answered, day(60), asked), day(60));
}

TEST(LicensingTime, T2_a_correction_is_the_only_way_back) {
  LicensingClock clock{now_at(day(100), hours{0})};
  clock.correct(now_at(day(100), hours{1}), day(3));
  EXPECT_EQ(clock.licensing(), day(3));
  EXPECT_EQ(clock.at(now_at(day(100), hours{2})), day(3) + hours{1});
}

TEST(Correction, T2_a_false_expiry_is_undone_by_the_truth) {
  Device device = in_compliance_device();
  EXPECT_EQ(device.mode_at(day(400)), Mode::AuthorizationExpired);
  EXPECT_FALSE(device.licence.registered());
  const auto recorded = device.events.size();
  device.licence.correct(day(400), day(10), device.events);
  EXPECT_EQ(device.licence.mode(), Mode::InCompliance);
  EXPECT_TRUE(device.licence.registered());
  EXPECT_GT(device.events.size(), recorded) << "recorded events stay";
  EXPECT_EQ(device.mode_at(day(92) - tick), Mode::InCompliance);
  EXPECT_EQ(device.mode_at(day(92)), Mode::AuthorizationExpired) << "and the deadline runs again";
}

TEST(Correction, T2_closed_requests_stay_closed) {
  Device device = in_compliance_device();
  device.open(RequestKind::authorization, day(10));
  device.licence.correct(day(400), day(10), device.events);
  EXPECT_EQ(device.licence.open(Slot::online), std::nullopt);
}

TEST(Correction, T2_uses_and_refunds_no_evaluation) {
  Device device;
  device.enable(day(0));
  device.licence.correct(day(10), day(60), device.events);
  EXPECT_EQ(device.licence.evaluation_used(), 10 * one_day) << "forward";
  EXPECT_EQ(device.licence.evaluation_end(), day(140));
  device.licence.correct(day(70), day(5), device.events);
  EXPECT_EQ(device.licence.evaluation_used(), 20 * one_day) << "back";
  EXPECT_EQ(device.mode_at(day(75) - tick), Mode::Eval);
  EXPECT_EQ(device.mode_at(day(75)), Mode::EvalExpired);
  device.licence.correct(day(75), day(1), device.events);
  EXPECT_EQ(device.licence.mode(), Mode::EvalExpired) << "what was used stays used";
}

TEST(Correction, T2_forward_runs_the_deadlines_between) {
  Device device = in_compliance_device();
  device.open(RequestKind::authorization, day(10));
  device.licence.correct(day(10), day(400), device.events);
  EXPECT_EQ(device.licence.mode(), Mode::AuthorizationExpired);
  EXPECT_EQ(device.last(EventKind::certificate_ended).at, day(361));
  EXPECT_EQ(device.licence.open(Slot::online), std::nullopt);
}

TEST(Correction, T2_what_is_due_stays_due_and_what_waits_waits_no_longer) {
  Device device = in_compliance_device();
  device.licence.advance(day(40), device.events);
  device.request(day(40));
  device.licence.correct(day(40), day(10), device.events);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::authorization) << "the command stands";

  device.unanswered(RequestKind::authorization, day(50), hours{3});
  const Ms wait = device.due(RequestKind::authorization).at - day(50);
  EXPECT_GE(wait, hours{3});
  device.licence.correct(day(50), day(20), device.events);
  EXPECT_EQ(device.due(RequestKind::authorization).at, day(20) + wait);
  EXPECT_EQ(device.due(RequestKind::renewal).at, day(181)) << "planned by the certificate's dates";
  EXPECT_EQ(device.due(RequestKind::deregistration).at, never);
}

TEST(Correction, a_registration_that_a_false_clock_made_necessary_is_not_sent_after_the_truth) {
  Device device = in_compliance_device();
  device.licence.advance(day(400), device.events);
  ASSERT_TRUE(device.licence.register_(day(400), device.events).ok());
  device.licence.correct(day(400), day(181) - tick, device.events);
  EXPECT_NE(device.licence.poll_request(), RequestKind::registration);
}

}  // namespace
}  // namespace smartlic::rules
