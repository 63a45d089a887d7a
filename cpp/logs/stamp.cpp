#include "logs/stamp.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smartlic::logs {
namespace {

using std::chrono::sys_days;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

/// A digit, or the first letter of a month's name, from April to September.
bool may_begin(char c) { return is_digit(c) || (c >= 'A' && c <= 'S'); }

// Digits of the milliseconds that a process has run: 31 years.
constexpr std::size_t max_uptime = 12;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads a line from the left. What does not fit is not taken.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : line_{line} {}

  [[nodiscard]] std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }
  [[nodiscard]] bool done() const { return at_ == line_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : line_[at_]; }
  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0';
  }

  bool take(char c) {
    if (done() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view text) {
    if (peek() != text.front() || !line_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  void spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  /// Spaces, and what stands in front of a line that was copied out of a document: a byte order
  /// mark, a form feed, spaces that do not break.
  void margin() {
    do spaces();
    while (take("\xC2\xA0") || take('\f') || take("\xEF\xBB\xBF"));
  }
  /// A whole number of `least` to `most` digits, with no further digit behind it.
  std::optional<std::int64_t> number(std::size_t least, std::size_t most) {
    const std::string_view rest = line_.substr(at_, most + 1);
    std::size_t digits = 0;
    std::int64_t value = 0;
    while (digits < rest.size() && is_digit(rest[digits]))
      value = value * 10 + (rest[digits++] - '0');
    if (digits < least || digits > most) return std::nullopt;
    at_ += digits;
    return value;
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
};

/// None for days that do not exist, and for years in which no log was written.
std::optional<sys_days> date(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (year < 1970 || year >= 2200) return std::nullopt;
  const std::chrono::year_month_day found{std::chrono::year{static_cast<int>(year)},
                                          std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
  if (!found.ok()) return std::nullopt;
  return sys_days{found};
}

/// The number of a month's short English name; 0 if it is none.
std::int64_t month_name(Cursor& in) {
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (in.take(months[i])) return static_cast<std::int64_t>(i + 1);
  }
  return 0;
}

/// `2017-05-09` or `2017/05/09`, and `T` or spaces.
std::optional<sys_days> numeric_date(Cursor& in) {
  const auto year = in.number(4, 4);
  const char mark = in.peek();
  if (!year || (mark != '-' && mark != '/')) return std::nullopt;
  in.take(mark);
  const auto month = in.number(2, 2);
  if (!month || !in.take(mark)) return std::nullopt;
  const auto day = in.number(2, 2);
  if (!day || (in.peek() != 'T' && in.peek() != ' ')) return std::nullopt;
  in.take('T');
  in.spaces();
  return date(*year, *month, *day);
}

/// `09 May 2017 `, log4j's DATE.
std::optional<sys_days> named_date(Cursor& in) {
  const auto day = in.number(1, 2);
  if (!day || !in.take(' ')) return std::nullopt;
  const auto month = month_name(in);
  if (month == 0 || !in.take(' ')) return std::nullopt;
  const auto year = in.number(4, 4);
  if (!year || !in.take(' ')) return std::nullopt;
  return date(*year, month, *day);
}

/// `May  9 `, which syslog puts in front, and `May 9 2017 `. Without a year it is no date, but it
/// is taken off the line.
std::optional<sys_days> syslog_date(Cursor& in) {
  const auto month = month_name(in);
  if (month == 0) return std::nullopt;
  in.spaces();
  const auto day = in.number(1, 2);
  in.spaces();
  const auto before_year = in.at();
  const auto year = in.number(4, 4);
  if (day && year && in.take(' ')) return date(*year, month, *day);
  in.go_to(before_year);
  return std::nullopt;
}

void read_date(Cursor& in, Stamp& stamp) {
  const auto begun = in.at();
  if (!may_begin(in.peek())) return;
  if (in.peek(2) == ':') return;  // a time of day, as in most lines
  for (auto* read : {numeric_date, named_date}) {
    stamp.day = read(in);
    if (stamp.day) return;
    in.go_to(begun);
  }
  stamp.day = syslog_date(in);
}

/// `13:48:28`, and a fraction behind a comma, point or colon.
bool read_time(Cursor& in, Stamp& stamp) {
  constexpr std::string_view layout = "00:00:00";
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (layout[i] == ':' ? in.peek(i) != ':' : !is_digit(in.peek(i))) return false;
  }
  if (is_digit(in.peek(layout.size()))) return false;
  const auto two = [&](std::size_t i) { return 10 * (in.peek(i) - '0') + in.peek(i + 1) - '0'; };
  if (two(0) > 23 || two(3) > 59 || two(6) > 60) return false;
  std::int64_t ms = std::int64_t{1000} * ((two(0) * 60 + two(3)) * 60 + two(6));
  in.go_to(in.at() + layout.size());
  if (const char mark = in.peek(); mark == ',' || mark == '.' || mark == ':') {
    std::int64_t scale = 100;
    std::size_t ahead = 1;
    for (; is_digit(in.peek(ahead)) && ahead <= 9; ++ahead, scale /= 10) {
      ms += scale * (in.peek(ahead) - '0');
    }
    if (ahead > 1) in.go_to(in.at() + ahead);
  }
  // A leap second belongs to the day that it ends.
  stamp.time_of_day = std::min(Ms{ms}, one_day - Ms{1});
  return true;
}

/// Whether what has been read ends there: `00:11:22:33:44:55` is no time of day, nor is the time
/// in a sentence that goes on with another language's letters.
bool ends(const Cursor& in) {
  if (in.done()) return true;
  switch (in.peek()) {
    case ',':
      return !is_digit(in.peek(1));
    case ':':
    case '-':
      return !is_alnum(in.peek(1));
    case '\xC2':
      return in.peek(1) == '\xA0';
    default:
      return std::string_view{" \t[]()<>|;\f"}.find(in.peek()) != std::string_view::npos;
  }
}

/// `+02:00`, `-0430`, and `+02` if it stands right behind the time.
std::optional<std::chrono::minutes> read_offset(Cursor& in, bool attached) {
  const char sign = in.peek();
  if (sign != '+' && sign != '-') return std::nullopt;
  in.take(sign);
  std::int64_t hours = 0;
  std::int64_t rest = 0;
  if (const auto both = in.number(4, 4)) {
    hours = *both / 100;
    rest = *both % 100;
  } else if (const auto first = in.number(2, 2)) {
    hours = *first;
    const bool colon = in.take(':');
    const auto second = colon ? in.number(2, 2) : std::nullopt;
    if (!second && (colon || !attached)) return std::nullopt;
    rest = second.value_or(0);
  } else {
    return std::nullopt;
  }
  if (hours > 14 || rest > 59) return std::nullopt;
  const std::chrono::minutes ahead{hours * 60 + rest};
  return sign == '-' ? -ahead : ahead;
}

/// An offset, `Z`, ` UTC`, ` GMT+02:00`.
void read_zone(Cursor& in, Stamp& stamp) {
  const auto begun = in.at();
  in.spaces();
  const bool attached = in.at() == begun;
  if (attached && in.take('Z')) {
    stamp.zone = std::chrono::minutes{0};
    return;
  }
  const bool named = in.take("UTC") || in.take("GMT");
  const auto before_offset = in.at();
  stamp.zone = read_offset(in, attached || named);
  if (stamp.zone) return;
  in.go_to(before_offset);
  if (named && !is_alnum(in.peek())) {
    stamp.zone = std::chrono::minutes{0};
  } else {
    in.go_to(begun);
  }
}

/// The milliseconds since the process began: digits, with the thread's bracket or nothing behind.
void read_uptime(Cursor& in, Stamp& stamp) {
  const auto begun = in.at();
  in.spaces();
  const auto uptime = in.number(1, max_uptime);
  const bool apart = in.done() || in.peek() == ' ' || in.peek() == '\t';
  in.spaces();
  if (uptime && apart && (in.done() || in.peek() == '[')) {
    stamp.uptime = Ms{*uptime};
  } else {
    in.go_to(begun);
  }
}

/// A line that begins with a number and no time of day: milliseconds since 1970, or uptime.
bool read_number(Cursor& in, Stamp& stamp) {
  const auto number = in.number(1, max_uptime + 1);
  if (!number || (in.peek() != ' ' && in.peek() != '\t')) return false;
  in.spaces();
  constexpr std::int64_t year_2001 = 978'307'200'000;
  constexpr std::int64_t year_2100 = 4'102'444'800'000;
  if (*number >= year_2001 && *number < year_2100) {
    const UtcTime time{Ms{*number}};
    stamp.day = std::chrono::floor<std::chrono::days>(time);
    stamp.time_of_day = time - *stamp.day;
    stamp.zone = std::chrono::minutes{0};
    return true;
  }
  if (in.peek() != '[' || *number >= year_2001) return false;
  stamp.uptime = Ms{*number};
  return true;
}

/// What stands in front of a line, whichever of it there is.
bool read_stamp(Cursor& in, Stamp& stamp) {
  const bool bracket = in.take('[');
  if (!may_begin(in.peek())) return false;
  const auto begun = in.at();
  read_date(in, stamp);
  if (!read_time(in, stamp)) {
    in.go_to(begun);
    stamp = {};
    return !bracket && read_number(in, stamp);
  }
  read_zone(in, stamp);
  if (!ends(in)) return false;
  if (bracket) in.take(']');
  read_uptime(in, stamp);
  in.spaces();
  return true;
}

}  // namespace

bool is_blank(std::string_view line) {
  Cursor in{line};
  in.margin();
  return in.done();
}

std::optional<Prefix> read_prefix(std::string_view line) {
  Cursor in{line};
  in.margin();
  // Read in the place where it is returned: each line of a log comes here.
  std::optional<Prefix> out{std::in_place};
  if (read_stamp(in, out->stamp)) {
    out->length = in.at();
  } else {
    out.reset();
  }
  return out;
}

}  // namespace smartlic::logs
