#include "logs/writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "logs/reading.hpp"

namespace smartlic::logs {
namespace {

using namespace test;

/// Random entries, each with what its kind has.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_{seed} {}

  Entry entry() {
    Entry out;
    out.kind = static_cast<EntryKind>(below(7));
    out.stamp = stamp();
    out.level = one_of({"DEBUG", "INFO", "WARN", "TRACE", ""});
    switch (out.kind) {
      case EntryKind::registration:
      case EntryKind::renewal:
        out.id_certificate = maybe(below(1'000'000));
        out.signing_certificate = one_of({"", "3", "sub_ca_cert:2", "170"});
        out.renew_interval = Ms{below(40'000'000'000)};
        break;
      case EntryKind::registered:
        break;
      case EntryKind::authorization_request:
        request(out);
        break;
      case EntryKind::authorization:
        out.start_date = UtcTime{Ms{1'000'000'000'000 + below(2'000'000'000'000)}};
        out.compliance_status = one_of({"OOC", "IC", "", "AUTHORIZED"});
        out.expiry = maybe(std::chrono::seconds{below(7'776'001)});
        out.retry_interval = maybe(std::chrono::seconds{below(2'592'001)});
        break;
      case EntryKind::failure:
        out.stamp.uptime = Ms{below(1'000'000)};  // without a prefix it would be prose
        out.level = one_of({"ERROR", "FATAL"});
        out.text = "[RubyThread-6:smart_agent.rb:161] " + out.level + " root - no answer";
        break;
      case EntryKind::unknown:
        out.level = "INFO";
        out.text = "[RubyThread-6] INFO root - signing_cert is old";
        break;
    }
    return out;
  }

 private:
  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random_);
  }
  template <class T>
  std::optional<T> maybe(T value) {
    return below(3) == 0 ? std::nullopt : std::optional{value};
  }
  std::string one_of(std::vector<std::string> values) {
    return values[static_cast<std::size_t>(below(static_cast<std::int64_t>(values.size())))];
  }

  Stamp stamp() {
    Stamp out;
    if (below(8) == 0) return out;  // a line that has no prefix
    // An uptime of 31 years, alone, would be the milliseconds since 1970 (D2).
    out.uptime = maybe(Ms{below(978'307'200'000)});
    if (out.uptime && below(4) == 0) return out;
    out.time_of_day = Ms{below(86'400'000)};
    out.day = maybe(sys_days{std::chrono::days{below(84'006)}});
    if (below(2) == 0) out.zone = std::chrono::minutes{15 * (below(113) - 56)};
    return out;
  }

  void request(Entry& out) {
    out.hostname = one_of({"", "se-10-66-75-64", "host"});
    out.signing_certificate = one_of({"", "3"});
    out.id_certificate = maybe(below(1'000'000));
    out.product_instance = one_of({"", "c2d100c8-c268-44ae-8f8c-9519d2b823c2"});
    for (std::int64_t i = below(4); i >= 0; --i) {
      Entitlement each;
      each.tag = one_of({"regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12", "t", "regid.x CUSP"});
      each.count = maybe(below(1000));
      each.version = one_of({"", "9.0"});
      each.display_name = one_of({"", "ICV CUSP-5 calls/sec", "\xED\x95\x9C, 5"});
      each.enforce_mode = one_of({"", "eval", "out_of_compliance"});
      each.days_left = maybe(below(40'000) - 20'000);
      if (below(2) == 0) {
        const std::chrono::year_month_day date{sys_days{std::chrono::days{below(1'000'000)}}};
        const auto two = [](unsigned n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
        each.requested_date = std::to_string(static_cast<int>(date.year())) +
                              two(static_cast<unsigned>(date.month())) +
                              two(static_cast<unsigned>(date.day()));
        each.date_day = sys_days{date}.time_since_epoch().count();
      }
      out.entitlements.push_back(std::move(each));
    }
  }

  std::mt19937_64 random_;
};

TEST(Writer, WhatIsWrittenReadsBackTheSame) {
  Dice dice{1};
  std::array<int, 7> kinds{};
  for (int i = 0; i < 5000; ++i) {
    const Entry entry = dice.entry();
    const std::string text = write_entry(entry);
    const Log log = read(text);
    ASSERT_EQ(log.entries.size(), 1U) << text;
    Entry again = log.entries[0];
    EXPECT_EQ(again.run.has_value(), entry.stamp.uptime || entry.stamp.time_of_day);
    again.run.reset();
    again.elapsed = {};
    again.lines = {};
    ASSERT_EQ(to_string(again.kind), to_string(entry.kind)) << text;
    ASSERT_EQ(again, entry) << text;
    ++kinds.at(static_cast<std::size_t>(entry.kind));
  }
  for (const int count : kinds) EXPECT_GT(count, 500);
}

TEST(Writer, S17_S18_ItsLinesAreThoseOfTheProduct) {
  Entry answer;
  answer.kind = EntryKind::authorization;
  answer.level = "DEBUG";
  answer.stamp = {{}, clock_time(13, 48, 28, 516), {}, Ms{1461208243}};
  answer.start_date = UtcTime{Ms{1494337382539}};
  answer.compliance_status = "OOC";
  answer.expiry = 7775673s;
  answer.retry_interval = 43200s;
  EXPECT_EQ(write_entry(answer),
            "13:48:28,516 1461208243 [RubyThread-6:smart_agent.rb:161] DEBUG root - authorization "
            "response received. start_date:1494337382539, compliance_status:OOC, expiry:7775673, "
            "retry_interval:43200\n");
}

}  // namespace
}  // namespace smartlic::logs
