#include "admission/failed_call.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace smartlic::admission {
namespace {

using namespace std::chrono_literals;

constexpr UtcTime at{Ms{1'494'337'382'539}};  // D2
const Decision too_many{Reason::rate, Mode::OutOfCompliance,          {3300, 300s},
                        10,           SipStatus::service_unavailable, 17s};

std::string record(const CallFacts& call, const Decision& decision = too_many, UtcTime time = at) {
  std::array<char, max_record> out{};
  const auto length = write_record(out, time, call, decision);
  return {out.data(), length};
}

std::string call_id(std::string_view text) {
  const auto line = record({.call_id = text, .from = {}, .to = {}});
  constexpr std::string_view before = R"("call_id":")";
  const auto begin = line.find(before) + before.size();
  return line.substr(begin, line.find(R"(","from")") - begin);
}

TEST(FailedCall, S11_ARecordSaysWhichCallWhenAndWhy) {
  EXPECT_EQ(record({"a84b4c76e66710", "sip:alice@atlanta.example", "sip:bob@biloxi.example"}),
            R"({"time":"2017-05-09T13:43:02.539Z","call_id":"a84b4c76e66710",)"
            R"("from":"sip:alice@atlanta.example","to":"sip:bob@biloxi.example","reason":"rate",)"
            R"("mode":"OutOfCompliance","calls":3300,"window_ms":300000,"average":11,"limit":10,)"
            R"("sip_status":503,"retry_after":17})"
            "\n");
}

TEST(FailedCall, WhatThereIsNotIsNull) {
  const auto line = record(
      {}, {Reason::mode, Mode::EvalExpired, {1, 300s}, {}, SipStatus::server_internal_error, {}});
  EXPECT_NE(line.find(R"("limit":null,"sip_status":500,"retry_after":null})"), std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("average":0.0033333333333333335,)"), std::string::npos) << line;
}

TEST(FailedCall, TheTimeIsWrittenWithItsZeros) {
  const auto line = record({}, too_many, UtcTime{Ms{1'767'323'045'006}});
  EXPECT_TRUE(line.starts_with(R"({"time":"2026-01-02T03:04:05.006Z")")) << line;
}

TEST(FailedCall, NoTextCanEndItsLineOrItsString) {
  EXPECT_EQ(call_id("a\"b\\c\n\r\t\x7f"), R"(a\"b\\c\u000a\u000d\u0009\u007f)");
  EXPECT_EQ(call_id(std::string_view{"\0x", 2}), R"(\u0000x)");
}

TEST(FailedCall, Utf8StaysAndWhatIsNoneIsReplaced) {
  for (const std::string_view fine :
       {"\u00e9", "\u20ac", "\U0001F4DE", "\uD7FF", "\uE000", "\U0010FFFF"}) {
    EXPECT_EQ(call_id(fine), fine);
  }
  EXPECT_EQ(call_id("\xe9"), "\\ufffd") << "Latin-1";
  EXPECT_EQ(call_id("\xc0\xaf"), "\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(call_id("\xe0\x80\x80"), "\\ufffd\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(call_id("\xf0\x8f\xbf\xbf"), "\\ufffd\\ufffd\\ufffd\\ufffd") << "overlong";
  EXPECT_EQ(call_id("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd") << "a surrogate";
  EXPECT_EQ(call_id("\xf4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd") << "beyond Unicode";
  EXPECT_EQ(call_id("\xe2\x82"), "\\ufffd\\ufffd") << "cut off";
}

TEST(FailedCall, LongTextsAreCutAndTheWorstOnesFit) {
  const std::string longest(100'000, '\x01');
  const auto line = record({longest, longest, longest},
                           {Reason::limit_zero,
                            Mode::AuthorizationExpired,
                            {UINT64_MAX, Ms::max()},
                            UINT32_MAX,
                            SipStatus::service_unavailable,
                            std::chrono::seconds::max()},
                           UtcTime::max());
  EXPECT_LE(line.size(), max_record);
  EXPECT_TRUE(line.ends_with("}\n"));
  EXPECT_EQ(call_id(std::string(257, 'x')).size(), max_call_text);
}

}  // namespace
}  // namespace smartlic::admission
