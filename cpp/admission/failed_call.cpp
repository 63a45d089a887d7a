#include "admission/failed_call.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>

namespace smartlic::admission {
namespace {

/// Bytes of the UTF-8 character at the beginning of `text`; 0 if there is none (RFC 3629).
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// Writes into memory that is known to be enough.
class Line {
 public:
  explicit Line(std::span<char, max_record> out)
      : begin_{out.data()}, at_{out.data()}, end_{at_ + out.size()} {}

  Line& put(std::string_view text) {
    at_ = std::copy(text.begin(), text.end(), at_);
    return *this;
  }

  template <class Number>
  Line& number(Number value) {
    at_ = std::to_chars(at_, end_, value).ptr;
    return *this;
  }

  template <class Number>
  Line& number_or_null(std::optional<Number> value) {
    return value ? number(*value) : put("null");
  }

  /// With zeros before it.
  Line& digits(unsigned value, int count) {
    for (int digit = count; digit-- > 0; value /= 10)
      at_[digit] = static_cast<char>('0' + value % 10);
    at_ += count;
    return *this;
  }

  Line& text(std::string_view text) {
    put("\"");
    for (text = text.substr(0, max_call_text); !text.empty();) {
      const std::size_t length = character(text);
      const char first = text[0];
      if (length == 0) {
        put("\\ufffd");
      } else if (first == '"' || first == '\\') {
        put("\\").put(text.substr(0, 1));
      } else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F) {
        constexpr std::string_view hex = "0123456789abcdef";
        const auto code = static_cast<unsigned char>(first);
        put("\\u00").put(hex.substr(code >> 4U, 1)).put(hex.substr(code & 15U, 1));
      } else {
        put(text.substr(0, length));
      }
      text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return put("\"");
  }

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

/// ISO 8601, in UTC, with milliseconds.
void put_time(Line& line, UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  line.number(static_cast<int>(date.year()))
      .put("-")
      .digits(static_cast<unsigned>(date.month()), 2);
  line.put("-").digits(static_cast<unsigned>(date.day()), 2).put("T");
  line.digits(static_cast<unsigned>(clock.hours().count()), 2).put(":");
  line.digits(static_cast<unsigned>(clock.minutes().count()), 2).put(":");
  line.digits(static_cast<unsigned>(clock.seconds().count()), 2).put(".");
  line.digits(static_cast<unsigned>(clock.subseconds().count()), 3).put("Z");
}

}  // namespace

std::size_t write_record(std::span<char, max_record> out, UtcTime time, const CallFacts& call,
                         const Decision& decision) {
  std::optional<unsigned> status;
  if (decision.sip_status) status = static_cast<unsigned>(*decision.sip_status);
  std::optional<std::int64_t> retry_after;
  if (decision.retry_after) retry_after = decision.retry_after->count();

  Line line{out};
  line.put(R"({"time":")");
  put_time(line, time);
  line.put(R"(","call_id":)").text(call.call_id);
  line.put(R"(,"from":)").text(call.from);
  line.put(R"(,"to":)").text(call.to);
  line.put(R"(,"reason":)").text(decision.reason ? to_string(*decision.reason) : "");
  line.put(R"(,"mode":)").text(to_string(decision.mode));
  line.put(R"(,"calls":)").number(decision.average.calls);
  line.put(R"(,"window_ms":)").number(decision.average.window.count());
  line.put(R"(,"average":)").number(decision.average.per_second());
  line.put(R"(,"limit":)").number_or_null(decision.limit);
  line.put(R"(,"sip_status":)").number_or_null(status);
  line.put(R"(,"retry_after":)").number_or_null(retry_after).put("}\n");
  return line.size();
}

}  // namespace smartlic::admission
