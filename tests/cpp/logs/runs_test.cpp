#include "logs/runs.hpp"

#include <gtest/gtest.h>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;

/// Gives a tracker lines one after the other.
class Tracked {
 public:
  std::optional<RunTracker::Place> line(std::string_view prefix) {
    ++line_;
    const auto read = read_prefix(prefix);
    EXPECT_TRUE(read) << prefix;
    return tracker_.place(read->stamp, {0, line_, line_});
  }
  /// A line that has both numbers of D6; which run it is of.
  std::uint32_t both(Ms time_of_day, Ms uptime) {
    return line(plain_line(time_of_day, uptime))->run;
  }
  [[nodiscard]] const std::vector<Run>& runs() const { return tracker_.runs(); }

 private:
  RunTracker tracker_;
  std::uint64_t line_ = 0;
};

constexpr Ms noon = clock_time(12);

TEST(Runs, D6_TheTimeOfDayAtWhichTheProcessBeganTellsRunsApart) {
  Tracked log;
  EXPECT_EQ(log.both(clock_time(23, 43, 53, 400), 277058ms), 0U);
  EXPECT_EQ(log.both(clock_time(23, 43, 53, 421), 277079ms), 0U);
  EXPECT_EQ(log.both(clock_time(13, 48, 25, 614), 1461205341ms), 1U);
  EXPECT_EQ(log.both(clock_time(13, 48, 28, 516), 1461208243ms), 1U);
  ASSERT_EQ(log.runs().size(), 2U);
  EXPECT_EQ(log.runs()[0].zero_time_of_day, clock_time(23, 39, 16, 342));
  EXPECT_EQ(log.runs()[1].zero_time_of_day, clock_time(15, 55, 0, 273));
  EXPECT_EQ(log.runs()[0].first, (Lines{0, 1, 1}));
  EXPECT_EQ(log.runs()[0].last, (Lines{0, 2, 2}));
  EXPECT_EQ(log.runs()[1].first_elapsed, 1461205341ms);
  EXPECT_EQ(log.runs()[1].last_elapsed, 1461208243ms);
  EXPECT_TRUE(log.runs()[1].from_start);
}

TEST(Runs, MidnightsAreNoRestarts) {
  Tracked log;
  Ms uptime = 5min;
  for (int i = 0; i < 100; ++i, uptime += 7h)
    EXPECT_EQ(log.both((noon + uptime) % one_day, uptime), 0U) << i;
  EXPECT_TRUE(log.runs()[0].changes.empty());
}

TEST(Runs, TheZeroMayDriftAndRoundByTwoSecondsBetweenLinesAndNoMore) {
  Tracked drifts;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(drifts.both(noon + i * 3s, 10min + i * 1s), 0U);
  EXPECT_TRUE(drifts.runs()[0].changes.empty());
  for (const Ms by : {2000ms, -2000ms}) {
    Tracked at;
    at.both(noon, 10min);
    EXPECT_EQ(at.both(noon + by, 10min), 0U);
  }
  for (const Ms by : {2001ms, -2001ms}) {
    Tracked beyond;
    beyond.both(noon, 10min);
    EXPECT_EQ(beyond.both(noon + by, 10min), 1U);
  }
}

TEST(Runs, TheZeroIsComparedRoundMidnight) {
  Tracked log;
  // The process began at 23:59:59.5; a later line reckons it at 00:00:00.5.
  EXPECT_EQ(log.both(clock_time(0, 9, 59, 500), 10min), 0U);
  EXPECT_EQ(log.both(clock_time(0, 11, 0, 500), 11min), 0U);
  EXPECT_EQ(log.both(clock_time(0, 11, 59, 500), 12min), 0U);
}

TEST(Runs, DaylightSavingMovesTheZoneAndNotTheRun) {
  Tracked log;
  EXPECT_EQ(log.both(clock_time(1, 59, 59), 100h), 0U);
  EXPECT_EQ(log.both(clock_time(3, 0, 1), 100h + 2s), 0U);
  EXPECT_EQ(log.both(clock_time(3, 0, 2), 100h + 3s), 0U);
  EXPECT_EQ(log.both(clock_time(2, 0, 3), 100h + 4s), 0U);
  const std::vector<ClockChange> expected{{{0, 2, 2}, 100h + 2s, 1h, true},
                                          {{0, 4, 4}, 100h + 4s, -1h, true}};
  EXPECT_EQ(log.runs()[0].changes, expected);
}

TEST(Runs, WhatNoZoneMovesByIsARestart) {
  const std::vector<std::pair<Ms, bool>> moves{
      {30min, true},           {1h, true},           {-30min, true},  {-1h, true},
      {30min - 2s, true},      {30min + 2s, true},   {1h + 2s, true}, {30min - 2001ms, false},
      {30min + 2001ms, false}, {1h + 2001ms, false}, {15min, false},  {45min, false},
      {90min, false},          {2h, false}};
  for (const auto& [by, same] : moves) {
    Tracked log;
    log.both(noon, 100h);
    EXPECT_EQ(log.both(noon + by + 1s, 100h + 1s), same ? 0U : 1U) << by.count();
    EXPECT_EQ(log.runs()[0].changes.size(), same ? 1U : 0U) << by.count();
  }
}

TEST(Runs, AProcessThatBeginsAnewEveryHourHasSeenNoChangeOfZone) {
  Tracked log;
  EXPECT_EQ(log.both(noon, 2s), 0U);
  EXPECT_EQ(log.both(noon + 1h, 2s + 5ms), 1U);
  EXPECT_EQ(log.both(noon + 2h, 60s - 1ms), 2U);
  Tracked old;
  old.both(noon, 59s);
  EXPECT_EQ(old.both(noon + 1h + 1s, 60s), 0U) << "the border is a minute";
}

TEST(Runs, AClockSetBackTakesBothNumbersBack) {
  Tracked log;
  log.both(noon, 100h);
  EXPECT_EQ(log.both(noon - 5h, 95h), 0U);
  ASSERT_EQ(log.runs()[0].changes.size(), 1U);
  EXPECT_EQ(log.runs()[0].changes[0], (ClockChange{{0, 2, 2}, 95h, -5h, false}));
  EXPECT_EQ(log.both(noon - 6h, 94h), 0U);
  EXPECT_EQ(log.runs()[0].changes.size(), 1U) << "an hour is disorder";
  EXPECT_EQ(log.both(noon - 7h - 1ms, 93h - 1ms), 0U);
  EXPECT_EQ(log.runs()[0].changes.size(), 2U) << "more is not";
}

TEST(Runs, AProcessThatBeganAtTheSameTimeOfDayIsToldByItsSmallUptime) {
  Tracked log;
  log.both(noon, 24h);
  EXPECT_EQ(log.both(noon + 59s, 59s), 1U);
  Tracked late;
  late.both(noon, 24h);
  EXPECT_EQ(late.both(noon + 60s, 60s), 0U) << "indistinguishable from a clock set back";
}

TEST(Runs, WithDatesARestartAtTheSameTimeOfDayShows) {
  Tracked log;
  EXPECT_EQ(log.line("2017-05-09 03:10:00,000 600000 [x")->run, 0U);
  EXPECT_EQ(log.line("2017-05-10 03:12:00,000 720000 [x")->run, 1U);
  EXPECT_EQ(log.line("2017-05-12 03:12:00,000 173520000 [x")->run, 1U) << "two days of uptime more";
  EXPECT_EQ(log.runs()[0].zero_day, sys_days{std::chrono::year{2017} / 5 / 9});
  EXPECT_EQ(log.runs()[1].zero_time_of_day, clock_time(3));
}

TEST(Runs, UptimeAloneTellsARestartWhenItGoesBack) {
  Tracked log;
  EXPECT_EQ(log.line("5000 [x")->run, 0U);
  EXPECT_EQ(log.line("3000 [x")->run, 0U) << "two seconds are disorder";
  EXPECT_EQ(log.line("999 [x")->run, 1U);
  EXPECT_EQ(log.line("99999999 [x")->elapsed, 99999999ms);
  EXPECT_FALSE(log.runs()[0].zero_time_of_day);
}

TEST(Runs, ALineThatLacksTheUptimeStandsBesideTheLast) {
  Tracked log;
  log.both(noon, 10min);
  const auto wrapped = log.line("12:00:05,000 WARN x");
  EXPECT_EQ(wrapped->run, 0U);
  EXPECT_EQ(wrapped->elapsed, 10min + 5s);
  EXPECT_EQ(log.line("11:59:00,000 x")->elapsed, 10min) << "not before the last";
  EXPECT_EQ(log.line("20:00:00,000 x")->elapsed, 10min + 8h);
  EXPECT_EQ(log.both(noon + 6s, 10min + 6s), 0U);
  EXPECT_TRUE(log.runs()[0].changes.empty()) << "what it tells moves nothing";
  EXPECT_EQ(log.runs()[0].last, (Lines{0, 5, 5}));
  EXPECT_EQ(log.line("2017-05-09 12:00:07 x")->run, 1U) << "a date is told by another log's lines";
}

TEST(Runs, OfTimesOfDayAloneMidnightsAreCounted) {
  Tracked log;
  EXPECT_EQ(log.line("23:30:00 x")->elapsed, 23h + 30min);
  EXPECT_EQ(log.line("23:59:59 x")->elapsed, one_day - 1s);
  EXPECT_EQ(log.line("00:00:01 x")->elapsed, one_day + 1s);
  EXPECT_EQ(log.line("23:59:58 x")->elapsed, one_day - 2s) << "written late, not a day later";
  EXPECT_EQ(log.line("00:00:02 x")->elapsed, one_day + 2s);
  EXPECT_EQ(log.line("03:00:00 x")->elapsed, one_day + 3h);
  EXPECT_EQ(log.line("02:00:00 x")->elapsed, one_day + 2h) << "an hour back is daylight saving";
  EXPECT_EQ(log.line("00:59:59 x")->elapsed, 2 * one_day + 59min + 59s);
  ASSERT_EQ(log.runs().size(), 1U);
  EXPECT_FALSE(log.runs()[0].from_start);
  EXPECT_EQ(log.runs()[0].zero_time_of_day, 0ms);
  EXPECT_EQ(log.runs()[0].last_elapsed, 2 * one_day + 59min + 59s);
}

TEST(Runs, DatedLinesAreSinceTheMidnightBeforeTheFirst) {
  Tracked log;
  EXPECT_EQ(log.line("2017-05-09 13:00:00 x")->elapsed, 13h);
  EXPECT_EQ(log.line("2017-05-12 01:00:00 x")->elapsed, 3 * one_day + 1h);
  EXPECT_EQ(log.line("02:00:00 x")->elapsed, 3 * one_day + 2h) << "one without a date beside it";
  EXPECT_EQ(log.line("2017-05-12 03:00:00 x")->run, 0U);
  EXPECT_EQ(log.line("5 [x")->run, 1U) << "lines that tell uptime are another run's";
}

TEST(Runs, ZonesThatLinesNameAreFollowed) {
  Tracked log;
  EXPECT_EQ(log.line("2017-03-26T01:59:00+01:00 x")->elapsed, 1h + 59min);
  EXPECT_EQ(log.line("2017-03-26T03:00:00+02:00 x")->elapsed, 2h);
  EXPECT_EQ(log.line("2017-03-26 03:01:00 x")->elapsed, 2h + 1min) << "the last that was named";
  EXPECT_EQ(log.line("2017-10-29T02:00:00+01:00 x")->elapsed, 217 * one_day + 2h);
  EXPECT_EQ(log.runs()[0].zone, 60min);
  const std::vector<ClockChange> expected{{{0, 2, 2}, 2h, 1h, true},
                                          {{0, 4, 4}, 217 * one_day + 2h, -1h, true}};
  EXPECT_EQ(log.runs()[0].changes, expected);
}

TEST(Runs, AStampThatTellsNothingHasNoPlace) {
  RunTracker tracker;
  EXPECT_FALSE(tracker.place({}, {0, 1, 1}));
  EXPECT_TRUE(tracker.runs().empty());
}

}  // namespace
}  // namespace smartlic::logs
