#include "io/net/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace smartlic::io {
namespace {

constexpr Ms longest = std::chrono::days{366};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto from = text.find_first_not_of(blanks);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::optional<Ms> delay_seconds(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  const std::chrono::seconds most = std::chrono::duration_cast<std::chrono::seconds>(longest);
  std::chrono::seconds::rep count = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (read.ec == std::errc::result_out_of_range) return longest;
  return std::chrono::seconds{std::min(count, most.count())};
}

}  // namespace

std::optional<Ms> parse_retry_after(std::string_view value, UtcTime now) {
  value = trimmed(value);
  if (const auto delay = delay_seconds(value)) return delay;
  const auto date = curl_getdate(std::string{value}.c_str(), nullptr);  // reads no clock
  if (date < 0) return std::nullopt;
  const UtcTime then{std::chrono::seconds{date}};
  return std::clamp(then - now, Ms{0}, longest);
}

}  // namespace smartlic::io
