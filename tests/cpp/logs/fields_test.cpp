#include "logs/fields.hpp"

#include <gtest/gtest.h>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;
using Names = std::vector<std::string>;

Entry fields(std::string_view text) {
  Entry entry;
  read_fields(text, 0, entry);
  return entry;
}

TEST(Fields, S17_ARegistration) {
  const Entry entry = fields(
      "DEBUG root - register received:id_cert_sn:970857, signing_cert:sub_ca_cert:2, "
      "renew_interval:15552000000");
  EXPECT_EQ(entry.kind, EntryKind::registration);
  EXPECT_EQ(entry.level, "DEBUG");
  EXPECT_EQ(entry.id_certificate, 970857);
  EXPECT_EQ(entry.signing_certificate, "sub_ca_cert:2");
  EXPECT_EQ(entry.renew_interval, 180 * one_day) << "D1";
  EXPECT_EQ(entry.damaged, Names{});
  EXPECT_EQ(entry.text, "");
}

TEST(Fields, ARenewalSaysSo) {
  const auto kind = [](const std::string& words) {
    return fields(words + ":id_cert_sn:1, renew_interval:15552000000").kind;
  };
  EXPECT_EQ(kind("renew received"), EntryKind::renewal);
  EXPECT_EQ(kind("Renewal received"), EntryKind::renewal);
  EXPECT_EQ(kind("ID certificate was renewed"), EntryKind::renewal);
  EXPECT_EQ(kind("register received"), EntryKind::registration) << "renew_interval says nothing";
  EXPECT_EQ(kind("enew"), EntryKind::registration);
}

TEST(Fields, S17_ThatAnAnswerWasTakenIn) {
  EXPECT_EQ(fields("DEBUG root - ok:{\"signature\"=>{\"type\"=>\"SHA256\",").kind,
            EntryKind::registered);
}

constexpr std::string_view request =
    "DEBUG root - sending authorization request message with sudi:#<Sudi:0x531d9e>, "
    "hostname:se-10-66-75-64, signing_cert_sn:3, id_cert_sn:969365, "
    "product_instance_id:c2d100c8-c268-44ae-8f8c-9519d2b823c2, "
    "entitlements:[#<LicenseEntitlement:0x1de5cd2 "
    "@listener=#<Java::ComCiscoNeslaSmartLicense::EntitlementListenerImpl:0x16c1b44>, "
    "@entitlement_tag=\"regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01\", "
    "@requested_count=2, @vendor=\"8f106f12\", "
    "@requested_date=#<Date: 49322-04-19 ((197356j,0n),+0s,-Infj)>, @entitlement_version=\"9.0\", "
    "@display_name=\"ICV CUSP-5 calls/sec\", @description=\"ICV CUSP-5 calls/sec\", "
    "@enforce_mode=:out_of_compliance, @days_left=-17206>]";

TEST(Fields, S18_ARequest) {
  const Entry entry = fields(request);
  EXPECT_EQ(entry.kind, EntryKind::authorization_request);
  EXPECT_EQ(entry.hostname, "se-10-66-75-64");
  EXPECT_EQ(entry.signing_certificate, "3");
  EXPECT_EQ(entry.id_certificate, 969365);
  EXPECT_EQ(entry.product_instance, "c2d100c8-c268-44ae-8f8c-9519d2b823c2");
  ASSERT_EQ(entry.entitlements.size(), 1U);
  const Entitlement& cusp = entry.entitlements[0];
  EXPECT_EQ(cusp.tag, "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01");
  EXPECT_EQ(cusp.count, 2);
  EXPECT_EQ(cusp.version, "9.0");
  EXPECT_EQ(cusp.display_name, "ICV CUSP-5 calls/sec");
  EXPECT_EQ(cusp.enforce_mode, "out_of_compliance");
  EXPECT_EQ(cusp.days_left, -17206) << "D4: as written";
  EXPECT_EQ(cusp.requested_date, "49322-04-19");
  EXPECT_EQ(cusp.date_day, 17295071) << "D5: as written";
  EXPECT_EQ(entry.damaged, Names{});
}

TEST(Fields, S18_AnAnswer) {
  const Entry entry = fields(
      "start_date:1494337382539, compliance_status:OOC,expiry:7775673, retry_interval:43200");
  EXPECT_EQ(entry.kind, EntryKind::authorization);
  EXPECT_EQ(entry.start_date, utc(2017, 5, 9, clock_time(13, 43, 2, 539))) << "D2";
  EXPECT_EQ(entry.compliance_status, "OOC");
  EXPECT_EQ(entry.expiry, 7775673s) << "D3";
  EXPECT_EQ(entry.retry_interval, 12h) << "D7";
  EXPECT_EQ(fields("FATAL failed start_date:1494337382539").kind, EntryKind::authorization)
      << "an answer is one, whatever is said of it";
}

TEST(Fields, EachWayOfWritingAPairIsRead) {
  for (const std::string_view pair : {"expiry:5",
                                      "expiry=5",
                                      "expiry: 5",
                                      "expiry =5",
                                      "expiry => 5",
                                      "\"expiry\"=>5",
                                      "\"expiry\": 5",
                                      ":expiry=>5",
                                      "@expiry=5",
                                      "expiry\xEF\xBC\x9A"
                                      "5",
                                      "expiry:\"5\"",
                                      "expiry:\t5",
                                      "expiry:5,",
                                      "expiry:5]",
                                      "expiry:5}",
                                      "expiry:5)",
                                      "expiry:5>",
                                      "expiry:5;x",
                                      "expiry:5 x",
                                      "expiry:5.",
                                      "expiry:5\xEC\xB4\x88",
                                      "expiry expiry:5",
                                      "old_expiry:7, expiry:5",
                                      "receivedexpiry:5"}) {
    const Entry entry = fields(pair);
    EXPECT_EQ(entry.damaged, Names{}) << pair;
    EXPECT_EQ(entry.expiry, 5s) << pair;
  }
  EXPECT_EQ(fields("no expiry: expiry:5").damaged, Names{"expiry"}) << "the first with a separator";
}

TEST(Fields, AKeyWithinALongerKeyIsAnother) {
  EXPECT_EQ(fields("id_cert_expiry:1510000000").expiry, std::nullopt);
  EXPECT_EQ(fields("proxy_hostname:x").hostname, "");
  EXPECT_EQ(fields("expiry").expiry, std::nullopt);
  EXPECT_EQ(fields("expiry_date:5").expiry, std::nullopt);
}

TEST(Fields, WhatIsNoNumberIsNamed) {
  for (const std::string_view value :
       {"", "x", "12a", "1.5", "0x10", "99999999999999999999", "--5", "+5", ".", "5..", "-"}) {
    const Entry entry = fields("retry_interval:" + std::string{value} + ", x");
    EXPECT_EQ(entry.retry_interval, std::nullopt) << value;
    EXPECT_EQ(entry.damaged, Names{"retry_interval"}) << value;
  }
  const Entry both = fields("id_cert_sn:97O857, start_date:soon, expiry:?, renew_interval:-");
  EXPECT_EQ(both.damaged, (Names{"id_cert_sn", "renew_interval", "start_date", "expiry"}));
  EXPECT_EQ(both.kind, EntryKind::registration) << "its keys tell what it is";
}

TEST(Fields, LengthsAreNeitherNegativeNorBeyondACentury) {
  constexpr std::int64_t most = std::int64_t{100} * 366 * 86'400'000;
  EXPECT_EQ(fields("expiry:0").expiry, 0s);
  EXPECT_EQ(fields("expiry:-1").damaged, Names{"expiry"});
  EXPECT_EQ(fields("start_date:" + std::to_string(most)).start_date, UtcTime{Ms{most}});
  EXPECT_EQ(fields("start_date:" + std::to_string(most + 1)).damaged, Names{"start_date"});
  EXPECT_EQ(fields("start_date:978307200000").start_date, utc(2001, 1, 1)) << "D2";
  EXPECT_EQ(fields("start_date:978307199999").damaged, Names{"start_date"})
      << "a number that was cut";
  EXPECT_EQ(fields("id_cert_sn:9223372036854775807").id_certificate, 9223372036854775807);
  EXPECT_EQ(fields("id_cert_sn:9223372036854775808").damaged, Names{"id_cert_sn"});
}

TEST(Fields, NilAndNullAreNotDamage) {
  const Entry entry = fields(
      "expiry:null, hostname:nil, entitlements:[@entitlement_tag=\"t\", @requested_count=nil, "
      "@days_left=nil, @requested_date=nil, @display_name=\"nil\"]");
  EXPECT_EQ(entry.damaged, Names{});
  EXPECT_EQ(entry.expiry, std::nullopt);
  EXPECT_EQ(entry.hostname, "");
  ASSERT_EQ(entry.entitlements.size(), 1U);
  EXPECT_EQ(entry.entitlements[0].count, std::nullopt);
  EXPECT_EQ(entry.entitlements[0].display_name, "nil") << "quoted, it is a text";
}

TEST(Fields, SeveralEntitlementsKeepTheirOwnValues) {
  const Entry entry = fields(
      "entitlements:[#<LicenseEntitlement:0x1 @entitlement_tag=\"a\", @requested_count=1>, "
      "#<LicenseEntitlement:0x2 @entitlement_tag=\"b\", @days_left=5>, "
      "#<LicenseEntitlement:0x3 @requested_count=3, @entitlement_tag=\"c\">]");
  ASSERT_EQ(entry.entitlements.size(), 3U);
  EXPECT_EQ(entry.entitlements[0], (Entitlement{.tag = "a", .count = 1}));
  EXPECT_EQ(entry.entitlements[1], (Entitlement{.tag = "b", .days_left = 5}));
  EXPECT_EQ(entry.entitlements[2], (Entitlement{.tag = "c", .count = 3}));
  // Without objects, each tag begins the next.
  const Entry hashes = fields(
      "[{\"entitlement_tag\"=>\"a\", \"requested_count\"=>1}, "
      "{\"entitlement_tag\"=>\"b\", \"requested_count\"=>-2}]");
  ASSERT_EQ(hashes.entitlements.size(), 2U);
  EXPECT_EQ(hashes.entitlements[0].count, 1);
  EXPECT_EQ(hashes.entitlements[1].count, std::nullopt);
  EXPECT_EQ(hashes.damaged, Names{"requested_count"});
}

TEST(Fields, EntitlementsAreListedUpToSixtyFour) {
  std::string text;
  for (int i = 0; i < 70; ++i) text += "@entitlement_tag=\"t\", ";
  EXPECT_EQ(fields(text).entitlements.size(), 64U);
}

TEST(Fields, D5_RequestedDatesReachFarBeyondTheCalendarOfTheLibrary) {
  const auto day = [](const std::string& date) {
    const Entry entry =
        fields("@entitlement_tag=\"t\", @requested_date=#<Date: " + date + " ((1j)>");
    return entry.entitlements.at(0).date_day;
  };
  EXPECT_EQ(day("1970-01-01"), 0);
  EXPECT_EQ(day("2017-05-09"), 17295);
  EXPECT_EQ(day("2370-01-01"), 146097);
  EXPECT_EQ(day("49322-04-19"), 17295071);
  EXPECT_EQ(day("400000-12-31"), 145377837) << "by Python's proleptic calendar, cycle by cycle";
  EXPECT_EQ(day("400001-01-01"), std::nullopt);
  EXPECT_EQ(day("1969-12-31"), std::nullopt);
  EXPECT_EQ(day("2017-02-29"), std::nullopt);
  EXPECT_EQ(day("2017-13-01"), std::nullopt);
  EXPECT_EQ(fields("@entitlement_tag=\"t\", @requested_date=#<x>").damaged,
            Names{"requested_date"});
}

TEST(Fields, ADateIsReadWholeWhereverItBegins) {
  const std::string words(38, 'x');
  const Entry entry = fields("@entitlement_tag=\"t\", @requested_date=" + words + "2017-05-19 x");
  EXPECT_EQ(entry.entitlements.at(0).requested_date, "2017-05-19");
}

TEST(Fields, FailuresKeepWhatTheySay) {
  Entry entry;
  const std::string_view text = "[t] ERROR root - could not connect\tto tools\x1B[0m";
  read_fields(text, 4, entry);
  EXPECT_EQ(entry.kind, EntryKind::failure);
  EXPECT_EQ(entry.level, "ERROR");
  EXPECT_EQ(entry.text, "ERROR root - could not connect to tools [0m") << "no control characters";
  EXPECT_EQ(fields("WARN root - registration failed id_cert_sn:5").kind, EntryKind::failure);
  EXPECT_EQ(fields("retry_interval:5").kind, EntryKind::unknown);
  EXPECT_EQ(fields("retry_interval:5").text, "retry_interval:5");
}

TEST(Fields, TextsAreCutBetweenCharacters) {
  const std::string korean = "\xED\x95\x9C";
  for (std::size_t before = 0; before < 3; ++before) {
    std::string text = "failed" + std::string(before, '.');
    while (text.size() < 1000) text += korean;
    const std::string kept = fields(text).text;
    EXPECT_LE(kept.size(), 500U);
    EXPECT_GT(kept.size(), 497U);
    EXPECT_EQ((kept.size() - 6 - before) % 3, 0U) << "whole characters";
  }
  EXPECT_EQ(fields("failed " + std::string(493, 'x')).text.size(), 500U);
  EXPECT_EQ(fields("failed " + std::string(494, 'x')).text.size(), 500U);
  EXPECT_EQ(fields("failed " + std::string(900, '\x80')).text.size(), 496U) << "no UTF-8 anyhow";
}

TEST(Fields, LevelsStandApartAndNearTheBeginning) {
  EXPECT_EQ(fields("[t] WARN x INFO").level, "WARN");
  EXPECT_EQ(fields("[DEBUG] x").level, "DEBUG");
  EXPECT_EQ(fields("INFO").level, "INFO");
  EXPECT_EQ(fields("[t] INFORM x").level, "");
  EXPECT_EQ(fields("XTRACE x").level, "");
  EXPECT_EQ(fields(std::string(400, '.') + " WARN ").level, "");
  EXPECT_EQ(fields("디버그 루트 - x").level, "") << "translated (D9)";
}

}  // namespace
}  // namespace smartlic::logs
