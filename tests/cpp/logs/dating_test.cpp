#include "logs/dating.hpp"

#include <gtest/gtest.h>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;

/// A line that has both numbers of D6, and the text of an answer given at `when`.
std::string answer_line(Ms time_of_day, Ms uptime, UtcTime when) {
  return text_of(time_of_day) + " " + std::to_string(uptime.count()) + " [t] DEBUG root - " +
         answer_at(when);
}

std::string failure_line(Ms time_of_day, Ms uptime) {
  return text_of(time_of_day) + " " + std::to_string(uptime.count()) + " [t] ERROR x\n";
}

TEST(Dating, D3_AnAnswerTellsTheManagersTime) {
  Entry entry;
  EXPECT_EQ(answered(entry), std::nullopt);
  entry.start_date = utc(2017, 5, 9, clock_time(13, 43, 2, 539));
  EXPECT_EQ(answered(entry), std::nullopt) << "nothing tells what was left";
  entry.expiry = 7775673s;
  EXPECT_EQ(answered(entry), utc(2017, 5, 9, clock_time(13, 48, 29, 539)));
  entry.expiry = 7776000s;
  EXPECT_EQ(answered(entry), entry.start_date);
  entry.expiry = 7776001s;
  EXPECT_EQ(answered(entry), std::nullopt) << "more than 90 days were never left";
  entry.expiry = 0s;
  EXPECT_EQ(answered(entry), *entry.start_date + 90 * one_day);
}

struct Zone {
  std::chrono::minutes ahead;
  Ms skew;  ///< of the device's clock
};
class Zones : public testing::TestWithParam<Zone> {};

TEST_P(Zones, D6_OneAnswerDatesARunAndTellsItsZone) {
  const auto [ahead, skew] = GetParam();
  // The process begins on 2017-05-01 at 03:00 UTC; a line two hours later, the answer after 16 days
  // of midnights, a line after 20 days.
  const UtcTime began = utc(2017, 5, 1, 3h);
  const auto local = [&](Ms uptime) {
    const UtcTime time = began + uptime + ahead;
    return time - std::chrono::floor<std::chrono::days>(time);
  };
  const Ms asked = 16 * one_day + 7h + 29ms;
  std::string text = failure_line(local(2h), 2h);
  for (Ms uptime = 5h; uptime < asked; uptime += 5h) text += plain_line(local(uptime), uptime);
  text += answer_line(local(asked), asked, began + asked - skew);
  text += failure_line(local(20 * one_day), 20 * one_day);

  const Log log = read(text);
  ASSERT_EQ(log.runs.size(), 1U);
  ASSERT_EQ(log.entries.size(), 3U);
  const auto dates = log.dates();
  EXPECT_EQ(dates[0].zero, began);
  EXPECT_EQ(dates[0].zone, ahead);
  EXPECT_EQ(log.dated(0), (Dated{.at = began + 2h}));
  EXPECT_EQ(log.dated(1), (Dated{.at = began + asked}));
  EXPECT_EQ(log.dated(2), (Dated{.at = began + 20 * one_day}));
  EXPECT_EQ(clock_skew(log.entries[1], dates), skew);
  EXPECT_EQ(clock_skew(log.entries[0], dates), std::nullopt) << "it is no answer";
}

INSTANTIATE_TEST_SUITE_P(Dating, Zones,
                         testing::Values(Zone{0min, 0ms}, Zone{540min, -1023ms}, Zone{330min, 5s},
                                         Zone{-420min, 0ms}, Zone{345min, 7min},
                                         Zone{345min, -7min}, Zone{-600min, 5min},
                                         Zone{-600min, -5min}, Zone{780min, -5min},
                                         Zone{780min, 5min}, Zone{0min, -10min},
                                         Zone{0min, 14min}));

TEST(Dating, TheZoneIsThatOfTheZeroAlsoBehindDaylightSaving) {
  // In Central Europe, 2017-03-26: at 01:00 UTC the clocks go from 02:00 to 03:00.
  const UtcTime began = utc(2017, 3, 25, 1h);
  const std::string text =
      failure_line(clock_time(2, 2), 2min) + plain_line(clock_time(1, 59, 59), 24h - 1s) +
      plain_line(clock_time(3, 0, 1), 24h + 1s) + answer_line(clock_time(4), 25h, began + 25h);
  const Log log = read(text);
  ASSERT_EQ(log.runs.size(), 1U);
  EXPECT_EQ(log.dates()[0].zero, began);
  EXPECT_EQ(log.dates()[0].zone, 60min);
  EXPECT_EQ(clock_skew(log.entries[1], log.dates()), 0ms);
}

TEST(Dating, ADatedRunWithUptimeThatAnAnswerFollowsBehindDaylightSaving) {
  const UtcTime began = utc(2017, 3, 25, 1h);
  const Log log = read(
      "2017-03-26 01:59:59,000 86399000 [t] ERROR x\n"
      "2017-03-26 03:00:01,000 86401000 [t] ERROR x\n"
      "2017-03-26 04:00:00,000 90000000 [t] DEBUG root - " +
      answer_at(began + 25h));
  ASSERT_EQ(log.runs.size(), 1U);
  EXPECT_EQ(log.dates()[0].zero, began);
  EXPECT_EQ(log.dates()[0].zone, 60min);
  EXPECT_EQ(log.dated(1).at, began + 24h + 1s);
  EXPECT_EQ(clock_skew(log.entries[2], log.dates()), 0ms);
}

TEST(Dating, UptimeAloneIsDatedByAnAnswer) {
  const UtcTime when = utc(2017, 5, 9);
  const Log log = read("1000 [t] ERROR x\n61000 [t] DEBUG root - " + answer_at(when));
  EXPECT_EQ(log.dated(0).at, when - 60s);
  EXPECT_EQ(log.dates()[0].zone, std::nullopt);
  EXPECT_EQ(clock_skew(log.entries[1], log.dates()), std::nullopt) << "its clock is not told";
}

TEST(Dating, TimesOfDayAloneAreDatedByTheNearestAnswer) {
  // Two silent days: the clock alone shows one midnight, and the second answer puts it right.
  const UtcTime first = utc(2017, 5, 1, 9h);
  const Log log = read("08:59:00 ERROR a\n09:00:00 root - " + answer_at(first) +
                       "10:00:00 ERROR b\n08:59:58 ERROR c\n09:00:00 root - " +
                       answer_at(first + 3 * one_day) + "09:30:00 ERROR d\n");
  ASSERT_EQ(log.runs.size(), 1U);
  EXPECT_EQ(log.dated(0).at, first - 1min);
  EXPECT_EQ(log.dated(2).at, first + 1h);
  EXPECT_EQ(log.dated(3).at, first + 3 * one_day - 2s);
  EXPECT_EQ(log.dated(4).at, first + 3 * one_day);
  EXPECT_EQ(log.dated(5).at, first + 3 * one_day + 30min);
}

TEST(Dating, DatesWithoutAZoneAreUtcUntilAnAnswerTellsTheZone) {
  const std::string line = "2017-05-09 13:00:00 ERROR x\n";
  const Log alone = read(line);
  EXPECT_EQ(alone.dated(0).at, utc(2017, 5, 9, 13h));
  EXPECT_EQ(alone.dates()[0].zone, std::nullopt);
  const Log told = read(line + "2017-05-09 13:10:00 x " + answer_at(utc(2017, 5, 9, 4h + 10min)));
  EXPECT_EQ(told.dated(0).at, utc(2017, 5, 9, 4h));
  EXPECT_EQ(told.dates()[0].zone, 540min);
  // A year off is no zone: the clock is wrong, which the skew would tell if the zone were known.
  const Log wrong = read(line + "2017-05-09 13:10:00 x " + answer_at(utc(2018, 5, 9, 4h)));
  EXPECT_EQ(wrong.dated(0).at, utc(2017, 5, 9, 13h));
  EXPECT_EQ(clock_skew(wrong.entries[1], wrong.dates()), std::nullopt);
}

TEST(Dating, DatesWithoutAZoneFollowDaylightSavingFromAnswerToAnswer) {
  const Log log = read("2017-03-25 12:00:00 x " + answer_at(utc(2017, 3, 25, 11h)) +
                       "2017-03-25 12:30:00 ERROR x\n2017-03-27 11:59:59 ERROR x\n"
                       "2017-03-27 12:00:00 x " +
                       answer_at(utc(2017, 3, 27, 10h)));
  EXPECT_EQ(log.dated(1).at, utc(2017, 3, 25, 11h + 30min));
  EXPECT_EQ(log.dated(2).at, utc(2017, 3, 27, 10h) - 1s);
  EXPECT_EQ(clock_skew(log.entries[3], log.dates()), 0ms);
}

TEST(Dating, ZonesThatLinesNameNeedNoAnswer) {
  const Log log = read(
      "2017-03-26T01:59:59+01:00 ERROR x\n2017-03-26T03:00:01+02:00 ERROR x\n"
      "2017-03-26T03:00:10+02:00 x " +
      answer_at(utc(2017, 3, 26, 1h)));
  EXPECT_EQ(log.dated(0).at, utc(2017, 3, 26, 1h) - 1s);
  EXPECT_EQ(log.dated(1).at, utc(2017, 3, 26, 1h) + 1s);
  EXPECT_EQ(clock_skew(log.entries[2], log.dates()), 10s);
  EXPECT_EQ(log.dates()[0].zone, 60min);
}

TEST(Dating, ALineOfItsOwnThatHasNoStampIsDatedByItsAnswer) {
  const Log log = read(answer_at(utc(2017, 5, 9)));
  EXPECT_EQ(log.entries.at(0).run, std::nullopt);
  EXPECT_EQ(log.dated(0), (Dated{.at = utc(2017, 5, 9)}));
}

TEST(Dating, NothingIsGuessedOfARunThatNothingDates) {
  const Log log = read(failure_line(12h, 5min) + failure_line(13h, 65min));
  EXPECT_EQ(log.dated(0), Dated{});
  EXPECT_EQ(log.dates(), std::vector<RunDate>(1));
}

TEST(Dating, RunsThatNothingDatesLieBetweenTheirNeighbours) {
  const UtcTime first = utc(2017, 5, 1);
  const UtcTime last = utc(2017, 6, 1);
  // Dated, 2 hours; not dated, 10 to 30 min; not dated, 1 to 2 min; dated.
  const std::string text = answer_line(1h, 1h, first + 1h) + plain_line(2h, 2h) +
                           failure_line(20h, 10min) + plain_line(20h + 20min, 30min) +
                           failure_line(7h, 1min) + plain_line(7h + 1min, 2min) +
                           answer_line(1h, 1h, last + 1h);
  const Log log = read(text);
  ASSERT_EQ(log.runs.size(), 4U);
  EXPECT_EQ(log.dated(1), (Dated{.earliest = first + 2h, .latest = last - 22min}));
  // The second began when the first of the two had ended, at the earliest.
  EXPECT_EQ(log.dated(2), (Dated{.earliest = first + 2h + 20min, .latest = last - 1min}));
  EXPECT_EQ(log.dated(3).at, last + 1h);
}

TEST(Dating, AnEntryThatNamesATimeCameAfterIt) {
  const UtcTime named = utc(2017, 5, 1);
  // No answer: what was left is damaged, so `start_date` is but a bound.
  const Log log = read(failure_line(1h, 1h) + text_of(2h) + " 7200000 [t] start_date:" +
                       std::to_string(named.time_since_epoch().count()) + ", expiry:?\n");
  EXPECT_EQ(log.dated(1), (Dated{.earliest = named}));
  EXPECT_EQ(log.dated(0), (Dated{.earliest = named - 1h}));
}

TEST(Dating, BoundsThatContradictEachOtherTellNothing) {
  // The clock of the third run is a year behind: nothing lies between it and the first.
  const Log log = read(answer_line(1h, 1h, utc(2017, 5, 1)) + failure_line(20h, 10min) +
                       answer_line(1h, 1h, utc(2016, 5, 1)));
  EXPECT_EQ(log.dated(1), Dated{});
}

TEST(Dating, NoTimeLiesOutsideTheYearsOfLogs) {
  // 31 years of uptime in each run, and each set back: bounds move on and on into the past.
  std::string text;
  for (int i = 0; i < 200; ++i) {
    const Ms base = clock_time(0, i % 60, i / 60);
    text += failure_line((base + Ms{999999999999}) % one_day, Ms{999999999999});
  }
  text += answer_line(5h, 100ms, utc(2017, 5, 9));
  const Log log = read(text);
  ASSERT_EQ(log.runs.size(), 201U);
  const auto within = [](const std::optional<UtcTime>& time) {
    return !time || (*time > utc(1969, 1, 1) && *time < utc(2201, 1, 1));
  };
  for (std::size_t i = 0; i < log.entries.size(); ++i) {
    const Dated dated = log.dated(i);
    EXPECT_TRUE(within(dated.at) && within(dated.earliest) && within(dated.latest)) << i;
  }
  EXPECT_EQ(log.dated(200).at, utc(2017, 5, 9));
  EXPECT_TRUE(log.dated(199).latest);
}

}  // namespace
}  // namespace smartlic::logs
