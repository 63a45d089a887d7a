#include "io/net/retry_after.hpp"

#include <gtest/gtest.h>

namespace smartlic::io {
namespace {

using namespace std::chrono;

// The date of RFC 9110's example.
constexpr UtcTime example = sys_days{1999y / December / 31} + hours{23} + minutes{59} + seconds{59};
constexpr auto year = Ms{days{366}};

TEST(RetryAfter, Seconds) {
  EXPECT_EQ(parse_retry_after("120", example), Ms{120'000});
  EXPECT_EQ(parse_retry_after("0", example), Ms{0});
  EXPECT_EQ(parse_retry_after(" 120\r\n", example), Ms{120'000});
}

TEST(RetryAfter, MoreThanAYearIsAYear) {
  EXPECT_EQ(parse_retry_after("31622400", example), year);
  EXPECT_EQ(parse_retry_after("31622401", example), year);
  EXPECT_EQ(parse_retry_after("9223372036854775807", example), year);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", example), year);
}

TEST(RetryAfter, DatesCountFromNow) {
  constexpr std::string_view date = "Fri, 31 Dec 1999 23:59:59 GMT";
  EXPECT_EQ(parse_retry_after(date, example - Ms{1}), Ms{1});
  EXPECT_EQ(parse_retry_after(date, example - hours{3}), Ms{hours{3}});
  EXPECT_EQ(parse_retry_after(date, example), Ms{0});
  EXPECT_EQ(parse_retry_after(date, example + hours{3}), Ms{0});
  EXPECT_EQ(parse_retry_after(date, example - days{1000}), year);
  EXPECT_EQ(parse_retry_after(date, UtcTime::max()), Ms{0});
}

TEST(RetryAfter, AnythingElseIsNothing) {
  for (const auto* value : {"", " ", "-1", "+1", "1.5", "0x10", "12 s", "soon", "1,2"}) {
    EXPECT_EQ(parse_retry_after(value, example), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace smartlic::io
