// RULES E8 (with M10's "at once, once per ask"): when a request is due next.

#include <set>

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr Periods periods{};
constexpr auto authorization = RequestKind::authorization;

UtcTime next_ask(Ms retry_interval, std::uint64_t seed) {
  Device device{origin, enforcement_table, seed};
  device.enable(day(0));
  device.registered(day(0), day(360));
  device.request(day(0));
  device.granted(day(0), seed % 2 == 0, retry_interval);
  return device.due(authorization).at;
}

TEST(Schedule, E8_retry_interval_is_clamped_and_jittered_by_5_percent) {
  struct Case {
    Ms says, low, high;
  };
  using std::chrono::seconds;
  const Case cases[] = {
      {seconds{2592000}, seconds{2462400}, seconds{2592000}},  // D7's 30 days
      {seconds{43200}, seconds{41040}, seconds{43200}},        // D7's 12 hours
      {400 * one_day, seconds{2462400}, seconds{2592000}},     // ceiling
      {seconds{59}, seconds{60}, seconds{60}},                 // floor
      {Ms{0}, seconds{60}, seconds{60}},
      {-one_day, seconds{60}, seconds{60}},
  };
  for (const auto& [says, low, high] : cases) {
    std::set<UtcTime> drawn;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
      const UtcTime at = next_ask(says, seed);
      drawn.insert(at);
      EXPECT_GE(at, day(0) + low);
      EXPECT_LE(at, day(0) + high);
    }
    EXPECT_EQ(next_ask(says, 7), next_ask(says, 7)) << "seeded";
    if (low == high) continue;
    EXPECT_LT(*drawn.begin(), day(0) + low + (high - low) / 20) << "the whole 5 % is used";
    EXPECT_GT(*drawn.rbegin(), day(0) + high - (high - low) / 20);
  }
}

TEST(Schedule, E8_renew_interval_is_clamped_to_one_day_and_half_the_life) {
  const Ms life = 360 * one_day;
  EXPECT_EQ(renew_interval(periods, 180 * one_day, life), 180 * one_day);  // D1
  EXPECT_EQ(renew_interval(periods, 180 * one_day + tick, life), 180 * one_day);
  EXPECT_EQ(renew_interval(periods, one_day, life), one_day);
  EXPECT_EQ(renew_interval(periods, one_day - tick, life), one_day);
  EXPECT_EQ(renew_interval(periods, one_day, one_day), one_day / 2) << "a certificate of one day";
}

TEST(Schedule, E8_retries_back_off_from_60_s_doubling_to_12_h_with_full_jitter) {
  Ms window = std::chrono::seconds{60};
  for (int failures = 0; failures < 300; ++failures) {
    Ms longest{0};
    Ms shortest = periods.retry_max;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Due due;
      due.failures = static_cast<std::uint8_t>(std::min(failures, 255));
      Jitter jitter{seed};
      due.back_off(day(0), periods, jitter);
      ASSERT_EQ(due.failures, std::min(failures + 1, 255));
      longest = std::max(longest, due.at - day(0));
      shortest = std::min(shortest, due.at - day(0));
    }
    EXPECT_GE(shortest, std::chrono::seconds{1});
    EXPECT_LT(shortest, window / 10) << "full jitter reaches down";
    EXPECT_LE(longest, window);
    EXPECT_GT(longest, window - window / 10) << "and up";
    window = std::min<Ms>(2 * window, std::chrono::hours{12});
  }
}

TEST(Schedule, E8_without_jitter_a_retry_waits_all_of_its_window_or_of_its_hint) {
  Periods exact;
  exact.full_jitter = false;
  Due due;
  Jitter jitter{1};
  due.back_off(day(0), exact, jitter);
  EXPECT_EQ(due.at, day(0) + std::chrono::seconds{60});
  due.back_off(day(0), exact, jitter);
  EXPECT_EQ(due.at, day(0) + std::chrono::seconds{120});
  due.back_off(day(0), exact, jitter, std::chrono::minutes{5});
  EXPECT_EQ(due.at, day(0) + std::chrono::minutes{5});
}

TEST(Schedule, E8_an_unsigned_retry_after_counts_only_within_the_ceiling) {
  const auto due_after = [](Ms retry_after) {
    Device device = in_compliance_device();
    device.unanswered(authorization, day(10), retry_after);
    return device.due(authorization).at - day(10);
  };
  EXPECT_GE(due_after(std::chrono::minutes{5}), std::chrono::minutes{5});
  EXPECT_LE(due_after(std::chrono::minutes{5}), std::chrono::minutes{6});
  EXPECT_EQ(due_after(std::chrono::hours{12}), std::chrono::hours{12});
  EXPECT_EQ(due_after(400 * one_day), std::chrono::hours{12});
  EXPECT_GE(due_after(-one_day), std::chrono::seconds{1});
  EXPECT_LE(due_after(-one_day), periods.retry_base);
}

TEST(Schedule, E8_devices_turned_away_with_one_hint_do_not_come_back_together) {
  std::set<UtcTime> back;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Due due;
    Jitter jitter{seed};
    due.back_off(day(0), periods, jitter, std::chrono::minutes{5});
    back.insert(due.at);
  }
  EXPECT_GT(back.size(), 40U);
}

TEST(Schedule, E8_a_signed_retry_after_is_clamped_like_a_retry_interval) {
  const auto due_after = [](Ms retry_after) {
    Device device = in_compliance_device();
    device.refused(authorization, Errc::busy, day(10), retry_after);
    return device.due(authorization).at - day(10);
  };
  EXPECT_LE(due_after(400 * one_day), 30 * one_day);
  EXPECT_GE(due_after(400 * one_day), 30 * one_day * 95 / 100);
  EXPECT_LE(due_after(std::chrono::hours{1}), std::chrono::hours{1});
  EXPECT_GE(due_after(std::chrono::hours{1}), std::chrono::minutes{57});
  EXPECT_EQ(due_after(-one_day), periods.ask_min) << "jitter does not undercut the floor";
}

TEST(Schedule, E8_a_denied_device_goes_on_asking) {
  Device device = in_compliance_device();
  device.refused(authorization, Errc::clone_refused, day(10));
  EXPECT_LE(device.due(authorization).at, day(10) + periods.ask_denied);
  EXPECT_GE(device.due(authorization).at, day(10) + periods.ask_denied * 95 / 100);
  device.licence.advance(day(11), device.events);
  EXPECT_EQ(device.licence.poll_request(), authorization);
}

TEST(Schedule, a_success_ends_the_back_off) {
  Device device = in_compliance_device();
  for (int n = 0; n < 5; ++n) device.unanswered(authorization, day(10 + n));
  EXPECT_EQ(device.due(authorization).failures, 5);
  device.granted(day(20));
  EXPECT_EQ(device.due(authorization).failures, 0);
}

TEST(Schedule, M10_stale_and_clock_off_are_retried_at_once_but_once_per_ask) {
  for (const Errc code : {Errc::stale, Errc::clock_off}) {
    Device device = in_compliance_device();
    device.refused(authorization, code, day(10));
    EXPECT_EQ(device.licence.poll_request(), authorization) << to_string(code);
    device.refused(authorization, code, day(10));
    EXPECT_EQ(device.licence.poll_request(), std::nullopt) << to_string(code);
    EXPECT_LE(device.due(authorization).at, day(10) + periods.retry_base);
    device.granted(day(11));
    device.refused(authorization, code, day(12));
    EXPECT_EQ(device.licence.poll_request(), authorization) << "another ask, another retry";
  }
}

TEST(Schedule, M10_a_stale_one_does_not_spend_the_retry_of_a_clock_that_is_off) {
  Device device = in_compliance_device();
  device.refused(authorization, Errc::stale, day(10));
  device.refused(authorization, Errc::clock_off, day(10));
  EXPECT_EQ(device.licence.poll_request(), authorization);
}

TEST(Schedule, a_token_that_was_refused_is_not_tried_again) {
  Device device;
  device.enable(day(0));
  ASSERT_TRUE(device.licence.register_(day(0), device.events).ok());
  EXPECT_EQ(device.licence.poll_request(), RequestKind::registration);
  device.refused(RequestKind::registration, Errc::token_expired, day(0));
  EXPECT_EQ(device.due(RequestKind::registration).at, never);
  ASSERT_TRUE(device.licence.register_(day(1), device.events).ok());
  device.refused(RequestKind::registration, Errc::busy, day(1));
  EXPECT_LE(device.due(RequestKind::registration).at, day(1) + periods.retry_base);
}

TEST(Schedule, one_request_at_a_time_and_the_renewal_first) {
  Device device = in_compliance_device();
  ASSERT_TRUE(device.licence.authorize(day(3), device.events).ok());
  ASSERT_TRUE(device.licence.renew(day(3), device.events).ok());
  EXPECT_EQ(device.licence.next_deadline(), day(3));
  EXPECT_EQ(device.licence.poll_request(), RequestKind::renewal);
  device.open(RequestKind::renewal, day(3));
  EXPECT_EQ(device.licence.poll_request(), std::nullopt) << "the wire is taken";
  EXPECT_GT(device.licence.next_deadline(), day(3));
  device.licence.handle_no_answer(Errc::timed_out, {}, day(3), device.events);
  EXPECT_EQ(device.licence.poll_request(), authorization);
}

TEST(Schedule, E7_D1_the_certificate_is_renewed_half_way) {
  Device device = in_compliance_device();
  device.granted(day(180), false, 30 * one_day);
  device.licence.advance(day(181) - tick, device.events);
  EXPECT_EQ(device.licence.poll_request(), std::nullopt);
  device.licence.advance(day(181), device.events);
  EXPECT_EQ(device.licence.poll_request(), RequestKind::renewal);
}

}  // namespace
}  // namespace smartlic::rules
