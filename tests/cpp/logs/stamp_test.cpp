#include "logs/stamp.hpp"

#include <gtest/gtest.h>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;

constexpr Ms sample = clock_time(13, 48, 28, 516);
constexpr sys_days may_9 = std::chrono::year{2017} / 5 / 9;

struct Layout {
  std::string_view line;
  Stamp stamp;
  std::string_view rest;  ///< what stands behind the prefix
};

class Layouts : public testing::TestWithParam<Layout> {};

TEST_P(Layouts, AreRead) {
  const auto prefix = read_prefix(GetParam().line);
  ASSERT_TRUE(prefix) << GetParam().line;
  EXPECT_EQ(prefix->stamp, GetParam().stamp) << GetParam().line;
  EXPECT_EQ(GetParam().line.substr(prefix->length), GetParam().rest);
}

constexpr std::optional<std::chrono::minutes> no_zone;
constexpr std::optional<sys_days> no_day;

INSTANTIATE_TEST_SUITE_P(
    Stamp, Layouts,
    testing::Values(
        // S18, as it stands, with the space in front.
        Layout{" 13:48:25,614 1461205341 [RubyThread-1275:jar:file:/opt",
               {no_day, clock_time(13, 48, 25, 614), no_zone, Ms{1461205341}},
               "[RubyThread-1275:jar:file:/opt"},
        Layout{"23:43:53,400 277058 [RubyThread-6",
               {no_day, clock_time(23, 43, 53, 400), no_zone, Ms{277058}},
               "[RubyThread-6"},
        Layout{
            "23:43:53,400 277058", {no_day, clock_time(23, 43, 53, 400), no_zone, Ms{277058}}, ""},
        Layout{"13:48:28,516\t5\t[t", {no_day, sample, no_zone, Ms{5}}, "[t"},
        Layout{"[13:48:28,516] 7 [t] x", {no_day, sample, no_zone, Ms{7}}, "[t] x"},
        Layout{"13:48:28.516 DEBUG x", {no_day, sample, no_zone, {}}, "DEBUG x"},
        Layout{"13:48:28:516 x", {no_day, sample, no_zone, {}}, "x"},
        Layout{"13:48:28,5164 x", {no_day, sample, no_zone, {}}, "x"},
        Layout{"13:48:28,516999999 x", {no_day, sample, no_zone, {}}, "x"},
        Layout{"13:48:28,5 x", {no_day, clock_time(13, 48, 28, 500), no_zone, {}}, "x"},
        Layout{"13:48:28", {no_day, clock_time(13, 48, 28), no_zone, {}}, ""},
        Layout{"13:48:28: x", {no_day, clock_time(13, 48, 28), no_zone, {}}, ": x"},
        Layout{"2017-05-09 13:48:28,516 x", {may_9, sample, no_zone, {}}, "x"},
        Layout{"2017/05/09 13:48:28,516 9 [x", {may_9, sample, no_zone, Ms{9}}, "[x"},
        Layout{"2017-05-09T13:48:28.516Z x", {may_9, sample, 0min, {}}, "x"},
        Layout{"2017-05-09T13:48:28.516+02:00 x", {may_9, sample, 120min, {}}, "x"},
        Layout{"2017-05-09 13:48:28,516 -0430 x", {may_9, sample, -270min, {}}, "x"},
        Layout{"2017-05-09 13:48:28.516+02 x", {may_9, sample, 120min, {}}, "x"},
        Layout{"2017-05-09 13:48:28,516 UTC x", {may_9, sample, 0min, {}}, "x"},
        Layout{"2017-05-09 13:48:28,516 GMT+05:30 3 [x", {may_9, sample, 330min, Ms{3}}, "[x"},
        Layout{"09 May 2017 13:48:28,516 x", {may_9, sample, no_zone, {}}, "x"},
        Layout{"9 May 2017 13:48:28,516 x", {may_9, sample, no_zone, {}}, "x"},
        Layout{"May  9 2017 13:48:28 x", {may_9, clock_time(13, 48, 28), no_zone, {}}, "x"},
        Layout{"May  9 13:48:28 host x", {no_day, clock_time(13, 48, 28), no_zone, {}}, "host x"},
        Layout{"467 [main] INFO x", {no_day, {}, no_zone, Ms{467}}, "[main] INFO x"},
        // D2: a time in milliseconds since 1970 says by itself which day it is, and in UTC.
        Layout{"1494337382539 x", {may_9, clock_time(13, 43, 2, 539), 0min, {}}, "x"},
        Layout{"\xEF\xBB\xBF\xC2\xA0 13:48:28,516 x", {no_day, sample, no_zone, {}}, "x"},
        Layout{"\f13:48:28,516\xC2\xA0x", {no_day, sample, no_zone, {}}, "\xC2\xA0x"}));

class Lookalikes : public testing::TestWithParam<std::string_view> {};

TEST_P(Lookalikes, AreNoPrefix) { EXPECT_FALSE(read_prefix(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(
    Stamp, Lookalikes,
    testing::Values("",
                    // Lines of the source document that go on what the line before began (D9).
                    "1.0.jar!/smart_agent.rb:161] DEBUG root -",
                    "1.0.jar!/gems/rufus-scheduler-2.0.23/lib/rufus/sc/scheduler.rb:464] DEBUG",
                    "9519d2b823c2, entitlements:[#<LicenseEntitlement:0x1de5cd2",
                    "f7aee3dfaa\", @requested_date=#<Date:49322-04-19 ((197356j,0n),+0s,-Infj)>,",
                    "@entitlement_version=\"9.0\"", "signing_cer:sub_ca_cert:2",
                    // Addresses, ratios, versions and sentences.
                    "00:11:22:33:44:55 is the card", "13:48:28abc", "13:48:28.516.2 x",
                    "13:48:28,5169999999 x", "13:48:2", "13:48:28\xEC\x97\x90 x", "13:48 x",
                    "1:48:28 x", "013:48:28 x", "24:00:00 x", "13:60:00 x", "13:48:61 x",
                    "13-48-28 x", "13:48:2 x", "13:48:28Zulu",
                    // Days that do not exist, years of no log.
                    "2017-02-29 13:48:28 x", "2017-13-01 13:48:28 x", "2017-00-10 13:48:28 x",
                    "1969-05-09 13:48:28 x", "2200-01-01 00:00:00 x", "49322-04-19 00:00:00 x",
                    "2017-05/09 13:48:28 x", "2017-05-09 x", "2017-05-0913:48:28 x", "May be 13 x",
                    "32 May 2017 13:48:28 x", "9 Mai 2017 13:48:28 x", "[RubyThread-6] x",
                    "[467 [x",
                    // Numbers that are neither a process's time nor a date.
                    "467 x", "467", "467[x", "1494337382539", "1494337382 x", "1494337382539, x",
                    "978307199999 x", "4102444800000 x", "9999999999999 [x", "12345678901234 [x"));

TEST(Stamp, TheBordersOfEachNumberAreExact) {
  EXPECT_EQ(read_prefix("00:00:00,000 x")->stamp.time_of_day, 0ms);
  EXPECT_EQ(read_prefix("23:59:59,999 x")->stamp.time_of_day, one_day - 1ms);
  EXPECT_EQ(read_prefix("978307200000 x")->stamp.day, sys_days{std::chrono::year{2001} / 1 / 1});
  EXPECT_EQ(read_prefix("978307199999 [x")->stamp.uptime, Ms{978307199999});
  EXPECT_EQ(read_prefix("4102444799999 x")->stamp.day, sys_days{std::chrono::year{2099} / 12 / 31});
  EXPECT_EQ(read_prefix("13:48:28 999999999999 [x")->stamp.uptime, Ms{999999999999});
  EXPECT_EQ(read_prefix("13:48:28 1000000000000 [x")->stamp.uptime, std::nullopt);
  EXPECT_EQ(read_prefix("13:48:28,516 277058 x")->stamp.uptime, std::nullopt)
      << "a number that a word follows is the message's";
  EXPECT_EQ(read_prefix("1970-01-01 00:00:00 x")->stamp.day, sys_days{});
  EXPECT_EQ(read_prefix("2016-02-29 00:00:00 x")->stamp.day,
            sys_days{std::chrono::year{2016} / 2 / 29});
  EXPECT_EQ(read_prefix("13:48:28 +14:00 x")->stamp.zone, 840min);
  EXPECT_EQ(read_prefix("13:48:28 +15:00 x")->stamp.zone, std::nullopt);
  EXPECT_EQ(read_prefix("13:48:28 +02:60 x")->stamp.zone, std::nullopt);
  EXPECT_EQ(read_prefix("13:48:28 +02 x")->stamp.zone, std::nullopt) << "a number of the message";
  EXPECT_EQ(read_prefix("13:48:28 UTCX x")->stamp.zone, std::nullopt);
}

TEST(Stamp, ALeapSecondStaysOnItsDay) {
  const auto leap = read_prefix("2016-12-31T23:59:60.500Z x");
  ASSERT_TRUE(leap);
  EXPECT_EQ(leap->stamp.day, sys_days{std::chrono::year{2016} / 12 / 31});
  EXPECT_EQ(leap->stamp.time_of_day, one_day - 1ms);
}

TEST(Stamp, BlankLinesHaveSpacesOfAnyKindAndNothingElse) {
  for (const std::string_view blank : {"", " ", "\t \t", "\f", "\xC2\xA0", "\xEF\xBB\xBF "})
    EXPECT_TRUE(is_blank(blank));
  for (const std::string_view text : {"x", " .", "\xC2", "\xC2\xA1", "\xEF\xBB", "-"})
    EXPECT_FALSE(is_blank(text));
  EXPECT_FALSE(is_blank(std::string_view{"\0", 1}));
}

}  // namespace
}  // namespace smartlic::logs
