#include "logs/scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <vector>

namespace smartlic::logs {
namespace {

/// The same question, asked slowly and in another way.
bool naive(const std::string& text) {
  static const std::regex keys{
      "start_date|requested_date|renew_interval|retry_interval|product_instance_id|"
      "entitlement_tag|requested_count|id_cert_sn|signing_cer|compliance_status|\\{\"signature\"",
      std::regex::icase};
  static const std::regex failures{"exception|(^|[^a-z0-9_])fail(|s|ed|ing|ure|ures)($|[^a-z0-9_])",
                                   std::regex::icase};
  static const std::regex levels{"FATAL|(^|[^A-Za-z0-9_])ERROR"};
  return std::regex_search(text, keys) || std::regex_search(text, failures) ||
         std::regex_search(text, levels);
}

const std::vector<std::string> needles{
    "start_date",      "requested_date",  "renew_interval", "retry_interval", "product_instance_id",
    "entitlement_tag", "requested_count", "id_cert_sn",     "signing_cer",    "compliance_status",
    "{\"signature\"",  " ERROR ",         " FATAL ",        " failed ",       "exception"};

/// Memory that has exactly these bytes, so that the sanitizers see what is read beyond them.
class Exact {
 public:
  explicit Exact(const std::string& text)
      : bytes_{std::make_unique<char[]>(text.size())}, size_{text.size()} {
    std::ranges::copy(text, bytes_.get());
  }
  [[nodiscard]] std::string_view first(std::size_t size) const { return {bytes_.get(), size}; }
  [[nodiscard]] std::string_view all() const { return first(size_); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

TEST(Scan, FindsEachWordWhereverItStandsAboutTheBlocks) {
  for (const std::string& needle : needles) {
    for (std::size_t before = 0; before <= 130; ++before) {
      for (const std::size_t after : {0, 1, 63, 64, 65}) {
        const Exact text{std::string(before, '.') + needle + std::string(after, '.')};
        EXPECT_TRUE(may_tell(text.all())) << needle << " behind " << before;
      }
    }
  }
}

TEST(Scan, AWordThatLacksItsFirstOrLastCharacterIsNone) {
  for (const std::string& needle : needles) {
    if (needle.front() == ' ') continue;
    for (std::size_t before = 0; before <= 70; ++before) {
      const std::string dots(before, '.');
      EXPECT_FALSE(may_tell(Exact{dots + needle.substr(1)}.all())) << needle;
      EXPECT_FALSE(may_tell(Exact{dots + needle.substr(0, needle.size() - 1)}.all())) << needle;
    }
  }
}

TEST(Scan, WhatStandsInTheSlackIsNotOfTheText) {
  for (const std::string& needle : needles) {
    for (std::size_t before = 0; before <= 70; ++before) {
      for (std::size_t inside = 0; inside < needle.size(); ++inside) {
        const Exact whole{std::string(before, '.') + needle + std::string(80, '.')};
        const std::size_t size = before + inside;
        const std::size_t slack = whole.all().size() - size;
        const std::string alone{whole.first(size)};
        EXPECT_EQ(may_tell(whole.first(size), slack), naive(alone)) << needle << " cut " << size;
      }
    }
  }
}

TEST(Scan, CapitalsMakeNoDifferenceToKeys) {
  EXPECT_TRUE(may_tell("START_DATE"));
  EXPECT_TRUE(may_tell("Compliance_Status"));
  EXPECT_TRUE(may_tell("{\"SIGNATURE\""));
}

TEST(Scan, FailuresAreWordsAndNotPartsOfNames) {
  for (const std::string_view text :
       {"it failed", "FAILED", "failure: x", "x fails.", "(failing)", "fail", "Failures=2",
        "[ERROR]", "ERROR", " ERRORS ", "FATAL", "java.net.ConnectException: no", "EXCEPTION"})
    EXPECT_TRUE(tells_failure(text)) << text;
  for (const std::string_view text :
       {"failover", "FailureListener", "failed_call_log", "unfailing", "EntitlementFailureListener",
        "error", "Error", "MIRROR", "TERROR", "fatal", "exceptio", "xcept", "start_date", "fai",
        ""})
    EXPECT_FALSE(tells_failure(text)) << text;
  EXPECT_TRUE(tells_failure("FailureListener of the call that failed")) << "the second one counts";
}

TEST(Scan, AgreesWithASlowSearchOnGeneratedTexts) {
  std::mt19937 random{20170509};
  const auto up_to = [&](std::size_t most) { return random() % (most + 1); };
  std::vector<std::string> parts = needles;
  for (const char* part :
       {"fail", "failover", "ERR", "OR",     "FAT",          "AL", "_",  "i",  "d",  "{\"",
        "x",    "RR",       "exc", "eption", "\xED\x95\x9C", "\n", "_t", "_c", "_s", "ure"})
    parts.emplace_back(part);
  int told = 0;
  constexpr int texts = 4000;
  for (int i = 0; i < texts; ++i) {
    std::string text;
    for (std::size_t part = up_to(12); part > 0; --part) {
      std::string more = parts[up_to(parts.size() - 1)];
      if (up_to(2) != 0) more.resize(up_to(more.size()));
      text += more + std::string(up_to(20), up_to(1) == 0 ? '.' : 'a');
      if (up_to(9) == 0)
        std::ranges::transform(text, text.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    }
    const bool expected = naive(text);
    told += expected ? 1 : 0;
    ASSERT_EQ(may_tell(Exact{text}.all()), expected) << text;
    const std::string longer = text + "start_date ERROR" + std::string(up_to(70), 'x');
    const Exact whole{longer};
    ASSERT_EQ(may_tell(whole.first(text.size()), longer.size() - text.size()), expected) << text;
  }
  EXPECT_GT(told, texts / 10) << "or the comparison tells little";
  EXPECT_LT(told, texts - texts / 10);
}

}  // namespace
}  // namespace smartlic::logs
