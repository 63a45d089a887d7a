#include "logs/reader.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;

std::string vector_file(const std::string& name) {
  std::ifstream file{std::string{SMARTLIC_VECTORS} + "/logs/" + name, std::ios::binary};
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

void expect_sums(const LineCounts& counts) {
  EXPECT_EQ(counts.total, counts.blank + counts.entries + counts.other + counts.unread);
}

const std::string mixed =
    "\xEF\xBB\xBF\n" + plain_line(12h, 5min) +
    "12:00:01,000 301000 [t] DEBUG root - register received:\nid_cert_sn:970857,\r\n"
    "signing_cert:sub_ca_cert:2, renew_interval:15552000000\n\n"
    "no prefix here\nnor here\n\n"
    "id_cert_sn:5 without a prefix\n   \n"
    "12:00:02,000 302000 [t] ERROR root - it\nis broken\n" +
    std::string{"nul\0 inside\n", 12} +
    "12:00:03,000 303000 [t] x start_date:1494337382539, "
    "compliance_status:OOC,expiry:7775673, retry_interval:43200";

TEST(Reader, CountsAndListsEachLineOnce) {
  const Log log = read(mixed);
  EXPECT_EQ(log.counts,
            (LineCounts{.total = 15, .blank = 4, .entries = 8, .other = 1, .unread = 2}));
  ASSERT_EQ(log.entries.size(), 4U);
  EXPECT_EQ(log.entries[0].lines, (Lines{0, 3, 5}));
  EXPECT_EQ(log.entries[0].signing_certificate, "sub_ca_cert:2");
  EXPECT_EQ(log.entries[1].lines, (Lines{0, 10, 10}));
  EXPECT_EQ(log.entries[1].run, std::nullopt);
  EXPECT_EQ(log.entries[2].lines, (Lines{0, 12, 14}));
  EXPECT_EQ(log.entries[2].text, "[t] ERROR root - itis brokennul  inside");
  EXPECT_EQ(log.entries[3].lines, (Lines{0, 15, 15})) << "the last line has no end";
  EXPECT_EQ(log.unread, (std::vector<Lines>{{0, 7, 8}}));
  EXPECT_EQ(log.runs.size(), 1U);
}

TEST(Reader, ItMakesNoDifferenceInWhichPiecesALogComes) {
  const std::string document = vector_file("source_document.log");
  for (const std::string& text : {mixed, document, mixed + "\n" + document}) {
    const Log whole = read(text);
    ASSERT_GE(whole.entries.size(), 4U);
    for (std::size_t piece = 1; piece <= std::min<std::size_t>(text.size(), 300); ++piece)
      ASSERT_EQ(read(text, piece), whole) << piece;
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      LogReader reader;
      const std::string_view view{text};
      for (const auto part : {view.substr(0, cut), view.substr(cut)}) {
        const Bytes own(part.begin(), part.end());
        reader.feed(own);
      }
      reader.finish();
      ASSERT_EQ(told(reader), whole) << cut;
    }
  }
}

TEST(Reader, LineEndsOfEveryKindAreTaken) {
  const Log unix = read("1 [t] ERROR a\n\n2 [t] ERROR b\n");
  for (const std::string_view text :
       {"1 [t] ERROR a\r\n\r\n2 [t] ERROR b\r\n", "1 [t] ERROR a\r\r\n\r\r\n2 [t] ERROR b\r\r\n",
        "1 [t] ERROR a\n\n2 [t] ERROR b", "1 [t] ERROR a\n\n2 [t] ERROR b\r"}) {
    EXPECT_EQ(read(text), unix) << text;
    EXPECT_EQ(read(text, 1), unix) << text;
  }
  EXPECT_EQ(read("").counts, LineCounts{});
  EXPECT_EQ(read("\n").counts, (LineCounts{.total = 1, .blank = 1}));
}

TEST(Reader, OfALineOfTenMegabytesTheBeginningIsRead) {
  const std::string line = "1 [t] ERROR " + std::string(10'000'000, 'x') + " start_date:5";
  const Log log = read(line + "\n2 [t] ERROR b\n");
  ASSERT_EQ(log.entries.size(), 2U);
  EXPECT_EQ(log.entries[0].text.size(), 500U);
  EXPECT_EQ(log.entries[0].start_date, std::nullopt);
  EXPECT_EQ(read(line + "\n2 [t] ERROR b\n", 65'521), log);
}

TEST(Reader, TheBordersOfTheLongestEntryAreTheSameInAllPieces) {
  constexpr std::size_t most = LogReader::max_entry;
  const std::string key = "id_cert_sn:5";
  for (const std::size_t before :
       {most - key.size() - 1, most - key.size(), most - key.size() + 1}) {
    const bool inside = before + key.size() <= most;
    for (const std::string_view end : {"\n", "\r\n", "\r\r\n", "\rx\n", "x\n", ""}) {
      const std::string text = std::string(before, '.') + key + std::string{end};
      const Log log = read(text);
      EXPECT_EQ(log.entries.size(), 1U);
      EXPECT_EQ(read(text, 1), log);
      EXPECT_EQ(read(text, 4099), log);
      // Behind the value more is damage, where it is still looked at.
      const bool more = end.find('x') != std::string_view::npos;
      const bool read_well = inside && (!more || before + key.size() == most);
      EXPECT_EQ(log.entries.at(0).id_certificate == 5, read_well) << before << end;
    }
  }
  // A line of nothing but spaces as far as it is looked at.
  const std::string spaces = std::string(most + 5, ' ') + "x\n";
  EXPECT_EQ(read(spaces).counts.blank, 1U);
  EXPECT_EQ(read(spaces, 1), read(spaces));
}

TEST(Reader, AnEntryOfManyLinesIsReadUpToItsBorder) {
  std::string text = "1 [t] DEBUG x\n";
  for (int i = 0; i < 2000; ++i) text += std::string(100, '.') + "\n";
  const Log log = read(text + "id_cert_sn:5\n2 [t] id_cert_sn:6\n");
  ASSERT_EQ(log.entries.size(), 1U);
  EXPECT_EQ(log.entries[0].id_certificate, 6);
  EXPECT_EQ(log.entries[0].lines, (Lines{0, 2003, 2003}));
  EXPECT_EQ(log.counts.other, 2002U);
}

TEST(Reader, FinishEndsAnEntryAndMoreMayCome) {
  LogReader reader;
  reader.feed(as_bytes("1 [t] ERROR a\n"));
  EXPECT_EQ(reader.entries().size(), 0U) << "it may go on";
  reader.finish();
  EXPECT_EQ(reader.entries().size(), 1U);
  reader.finish();
  reader.feed({});
  reader.feed(as_bytes("2 [t] ERR"));
  reader.feed(as_bytes("OR b\n"));
  reader.finish();
  ASSERT_EQ(reader.entries().size(), 2U);
  EXPECT_EQ(reader.entries()[1].lines, (Lines{0, 2, 2}));
  EXPECT_EQ(reader.runs().size(), 1U);
  expect_sums(reader.counts());
}

TEST(Reader, RotatedFilesCountTheirOwnLinesAndRunsGoOn) {
  LogReader reader;
  reader.begin_source();
  reader.feed(as_bytes(plain_line(12h, 1h) + "12:00:01,000 3601000 [t] ERROR a"));
  reader.begin_source();  // which ends the line
  reader.begin_source();  // an empty file
  reader.feed(as_bytes("12:00:02,000 3602000 [t] ERROR b\n"));
  reader.finish();
  ASSERT_EQ(reader.entries().size(), 2U);
  EXPECT_EQ(reader.entries()[0].lines, (Lines{0, 2, 2}));
  EXPECT_EQ(reader.entries()[1].lines, (Lines{2, 1, 1}));
  ASSERT_EQ(reader.runs().size(), 1U);
  EXPECT_EQ(reader.runs()[0].first, (Lines{0, 1, 1}));
  EXPECT_EQ(reader.runs()[0].last, (Lines{2, 1, 1}));
  EXPECT_EQ(reader.counts().total, 3U);

  LogReader unannounced;
  unannounced.feed(as_bytes("1 [t] ERROR a\n"));
  unannounced.begin_source();
  unannounced.feed(as_bytes("2 [t] ERROR b\n"));
  unannounced.finish();
  EXPECT_EQ(unannounced.entries()[1].lines, (Lines{1, 1, 1}));
}

TEST(Reader, ProseWithTheWordsOfAFailureIsNone) {
  const Log log = read("Restart it if a request failed,\nor after an exception or ERROR .\n");
  EXPECT_TRUE(log.entries.empty());
  EXPECT_EQ(log.unread, (std::vector<Lines>{{0, 1, 2}}));
}

TEST(Reader, WhatBelongsToNoEntryIsListedUpToAThousandPieces) {
  std::string text;
  for (int i = 0; i < 1005; ++i) text += "text\n\n";
  const Log log = read(text);
  EXPECT_EQ(log.unread.size(), 1000U);
  EXPECT_EQ(log.unread.back(), (Lines{0, 1999, 1999}));
  EXPECT_EQ(log.counts.unread, 1005U);
}

TEST(Reader, AnyBytesInAnyPiecesAreReadAlikeAndAddUp) {
  std::mt19937 random{17};
  const std::vector<std::string> parts{"\n",
                                       "\r\n",
                                       "12:00:00,000 5000 [t] ",
                                       "ERROR ",
                                       "id_cert_sn:",
                                       "5",
                                       "\n\n",
                                       "start_date:",
                                       "1494337382539",
                                       ", ",
                                       "2017-05-09 ",
                                       std::string{"\0", 1},
                                       "\xFF",
                                       "@entitlement_tag=\"",
                                       "\"",
                                       "x",
                                       " ",
                                       "\xEF\xBB\xBF",
                                       "467 [",
                                       "expiry:7776000"};
  for (int round = 0; round < 1500; ++round) {
    std::string text;
    for (std::size_t i = random() % 60; i > 0; --i) text += parts[random() % parts.size()];
    const Log whole = read(text);
    expect_sums(whole.counts);
    ASSERT_EQ(read(text, 1 + random() % 40), whole) << text;
  }
}

class Document : public testing::Test {
 protected:
  Log log = read(vector_file("source_document.log"));
};

TEST_F(Document, S17_D1_TheRegistration) {
  ASSERT_EQ(log.entries.size(), 4U);
  const Entry& entry = log.entries[0];
  EXPECT_EQ(entry.kind, EntryKind::registration);
  EXPECT_EQ(entry.id_certificate, 970857);
  EXPECT_EQ(entry.signing_certificate, "sub_ca_cert:2");
  EXPECT_EQ(entry.renew_interval, 180 * one_day);
  EXPECT_EQ(log.entries[1].kind, EntryKind::registered);
}

TEST_F(Document, S18_D4_D5_TheRequestAsItIsWritten) {
  const Entry& entry = log.entries.at(2);
  EXPECT_EQ(entry.kind, EntryKind::authorization_request);
  EXPECT_EQ(entry.hostname, "se-10-66-75-64");
  EXPECT_EQ(entry.id_certificate, 969365);
  EXPECT_EQ(entry.signing_certificate, "3");
  ASSERT_EQ(entry.entitlements.size(), 1U);
  EXPECT_EQ(entry.entitlements[0].count, 2);
  EXPECT_EQ(entry.entitlements[0].days_left, -17206);
  EXPECT_EQ(entry.entitlements[0].requested_date, "49322-04-19");
  EXPECT_EQ(entry.entitlements[0].date_day, 17295071);
  EXPECT_EQ(entry.entitlements[0].enforce_mode, "out_of_compliance");
  EXPECT_TRUE(entry.entitlements[0].tag.starts_with("regid.2014-08.com.cisco.CUSP-5,1.0_"));
  EXPECT_TRUE(entry.damaged.empty());
}

TEST_F(Document, S18_D2_D3_D7_TheAnswer) {
  const Entry& entry = log.entries.at(3);
  EXPECT_EQ(entry.kind, EntryKind::authorization);
  EXPECT_EQ(entry.start_date, utc(2017, 5, 9, clock_time(13, 43, 2, 539)));
  EXPECT_EQ(entry.compliance_status, "OOC");
  EXPECT_EQ(entry.retry_interval, 12h);
  EXPECT_EQ(entry.expiry, 7775673s);
}

TEST_F(Document, D3_D6_TheSecondRunIsDatedAndTheFirstHasBounds) {
  const UtcTime began = utc(2017, 4, 22, clock_time(15, 55, 0, 273));
  ASSERT_EQ(log.runs.size(), 2U);
  const auto dates = log.dates();
  EXPECT_EQ(dates[1].zero, began);
  EXPECT_EQ(dates[1].zone, 0min);
  EXPECT_EQ(clock_skew(log.entries.at(3), dates), -1023ms) << "the device's clock is behind";
  EXPECT_EQ(log.dated(3).at, utc(2017, 5, 9, clock_time(13, 48, 28, 516)));
  EXPECT_EQ(dates[0].zero, std::nullopt);
  EXPECT_EQ(log.dated(1), (Dated{.latest = began})) << "its last line";
  EXPECT_EQ(log.dated(0), (Dated{.latest = began - 21ms}));
}

}  // namespace
}  // namespace smartlic::logs
