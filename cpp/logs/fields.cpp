#include "logs/fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "logs/scan.hpp"

namespace smartlic::logs {
namespace {

using std::string_view;

constexpr std::size_t max_text = 500;
constexpr std::size_t max_value = 1000;
constexpr std::size_t max_entitlements = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

void trim_left(string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

/// Takes `:`, `=`, `=>` or the full-width colon that translations write.
bool take_separator(string_view& text) {
  for (const string_view mark : {"=>", "=", ":", "\xEF\xBC\x9A"}) {
    if (!text.starts_with(mark)) continue;
    text.remove_prefix(mark.size());
    return true;
  }
  return false;
}

/// What stands behind the first `key` that has a separator, from the value on; none without one.
/// `id_cert_expiry` is another key than `expiry`; but letters may touch it, where a line was
/// wrapped and the space between two words went with it.
std::optional<string_view> behind(string_view text, string_view key) {
  for (auto at = text.find(key); at != string_view::npos; at = text.find(key, at + 1)) {
    if (at > 0 && text[at - 1] == '_') continue;
    string_view rest = text.substr(at + key.size());
    if (rest.starts_with('"')) rest.remove_prefix(1);  // "key"=>
    trim_left(rest);
    if (!take_separator(rest)) continue;
    trim_left(rest);
    return rest;
  }
  return std::nullopt;
}

/// The value of a key: within quotes all of it, else up to a comma, bracket or space. None of
/// Ruby's `nil` and JSON's `null`.
std::optional<string_view> value_of(string_view text, string_view key) {
  auto rest = behind(text, key);
  if (!rest) return std::nullopt;
  if (rest->starts_with('"')) {
    rest->remove_prefix(1);
    return rest->substr(0, std::min(rest->find('"'), max_value));
  }
  if (rest->starts_with(':')) rest->remove_prefix(1);  // a symbol of Ruby's
  const auto value = rest->substr(0, std::min(rest->find_first_of(",;\"]>}) \t"), max_value));
  if (value == "nil" || value == "null") return std::nullopt;
  return value;
}

/// Without control characters: what a log says is shown on terminals.
std::string printable(string_view text) {
  std::string out{text};
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return out;
}

std::string text_of(string_view text, string_view key) {
  return printable(value_of(text, key).value_or(string_view{}));
}

/// A whole number; if it is written and none, its key goes to `damaged`.
std::optional<std::int64_t> number_of(string_view text, string_view key,
                                      std::vector<std::string>& damaged) {
  const auto value = value_of(text, key);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const auto* const end = value->data() + value->size();
  // What follows without a space may end the sentence, or be another language's letters; a letter
  // or digit more is damage.
  const auto read = std::from_chars(value->data(), end, number);
  const string_view rest{read.ptr, end};
  const bool whole = read.ec == std::errc{} &&
                     (rest.empty() || rest == "." || static_cast<unsigned char>(rest[0]) >= 0x80);
  if (whole) return number;
  damaged.emplace_back(key);
  return std::nullopt;
}

template <class Unit>
std::optional<Unit> length_of(string_view text, string_view key,
                              std::vector<std::string>& damaged) {
  constexpr std::int64_t longest = std::int64_t{100} * 366 * 86'400'000;  // whatever the unit
  const auto number = number_of(text, key, damaged);
  if (!number) return std::nullopt;
  if (*number >= 0 && *number <= longest) return Unit{*number};
  damaged.emplace_back(key);
  return std::nullopt;
}

/// D2. Milliseconds before 2001 are a number that was cut: licences of this kind are younger.
std::optional<UtcTime> start_date_of(string_view text, std::vector<std::string>& damaged) {
  constexpr UtcTime least = std::chrono::sys_days{std::chrono::year{2001} / 1 / 1};
  const auto since_1970 = length_of<Ms>(text, "start_date", damaged);
  if (!since_1970) return std::nullopt;
  if (UtcTime{*since_1970} >= least) return UtcTime{*since_1970};
  damaged.emplace_back("start_date");
  return std::nullopt;
}

/// `#<Date: 49322-04-19 ((...` or the like: the first date behind the key.
void read_requested_date(string_view text, Entitlement& out, std::vector<std::string>& damaged) {
  const auto rest = behind(text, "requested_date");
  if (!rest || !value_of(text, "requested_date")) return;
  constexpr std::size_t near = 40;
  const string_view place = *rest;
  for (std::size_t at = 0; at < std::min(place.size(), near); ++at) {
    if (!is_digit(place[at]) || (at > 0 && is_digit(place[at - 1]))) continue;
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto* const end = place.data() + place.size();
    const auto y = std::from_chars(place.data() + at, end, year);
    if (y.ec != std::errc{} || y.ptr == end || *y.ptr != '-' || year < 1970 || year > 400'000)
      continue;
    const auto m = std::from_chars(y.ptr + 1, end, month);
    if (m.ec != std::errc{} || m.ptr == end || *m.ptr != '-') continue;
    const auto d = std::from_chars(m.ptr + 1, end, day);
    if (d.ec != std::errc{} || month < 1 || month > 12 || day < 1 || day > 31) continue;
    out.requested_date.assign(place.data() + at, d.ptr);
    // Years beyond what std::chrono counts: the calendar repeats every 400 years of 146,097 days.
    const int cycles = (year - 1970) / 400;
    const std::chrono::year_month_day within{std::chrono::year{year - 400 * cycles},
                                             std::chrono::month{month}, std::chrono::day{day}};
    if (!within.ok()) break;
    out.date_day =
        std::chrono::sys_days{within}.time_since_epoch().count() + std::int64_t{146'097} * cycles;
    return;
  }
  damaged.emplace_back("requested_date");
}

Entitlement read_entitlement(string_view text, std::vector<std::string>& damaged) {
  Entitlement out;
  out.tag = text_of(text, "entitlement_tag");
  out.count = number_of(text, "requested_count", damaged);
  if (out.count && *out.count < 0) {
    out.count.reset();
    damaged.emplace_back("requested_count");
  }
  out.version = text_of(text, "entitlement_version");
  out.display_name = text_of(text, "display_name");
  out.enforce_mode = text_of(text, "enforce_mode");
  out.days_left = number_of(text, "days_left", damaged);
  read_requested_date(text, out, damaged);
  return out;
}

/// The licences of a request: one for each tag, with what stands before the next one.
void read_entitlements(string_view text, Entry& entry) {
  constexpr string_view object = "#<LicenseEntitlement";
  constexpr string_view tag = "entitlement_tag";
  const string_view mark = text.find(object) != string_view::npos ? object : tag;
  auto at = text.find(mark);
  while (at != string_view::npos && entry.entitlements.size() < max_entitlements) {
    const auto next = text.find(mark, at + mark.size());
    const auto part = text.substr(at, next == string_view::npos ? next : next - at);
    if (part.find(tag) != string_view::npos || part.find("requested_count") != string_view::npos)
      entry.entitlements.push_back(read_entitlement(part, entry.damaged));
    at = next;
  }
}

/// The level of a line: the first word of log4j's that stands apart, near the beginning.
std::string level_of(string_view text) {
  constexpr std::array<string_view, 6> levels{"ERROR", "FATAL", "WARN", "INFO", "DEBUG", "TRACE"};
  constexpr std::size_t near = 400;
  const string_view place = text.substr(0, near);
  std::size_t nearest = string_view::npos;
  std::string out;
  for (const string_view level : levels) {
    const auto at = place.find(level);
    if (at == string_view::npos || at >= nearest) continue;
    const auto end = at + level.size();
    const bool apart = (at == 0 || is_space(place[at - 1]) || place[at - 1] == '[') &&
                       (end >= place.size() || is_space(place[end]) || place[end] == ']');
    if (!apart) continue;
    nearest = at;
    out = level;
  }
  return out;
}

/// The first bytes of a message, whole characters of UTF-8 where it is UTF-8.
std::string excerpt(string_view text) {
  trim_left(text);
  if (text.size() > max_text) {
    std::size_t end = max_text;
    while (end > max_text - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  return printable(text);
}

bool says_renewal(string_view text) {
  // `renew` as a word of its own; `renew_interval` is in every registration.
  for (auto at = text.find("enew"); at != string_view::npos; at = text.find("enew", at + 1)) {
    if (!text.substr(at).starts_with("enew_") && at > 0 &&
        (text[at - 1] == 'r' || text[at - 1] == 'R'))
      return true;
  }
  return false;
}

EntryKind kind_of(string_view text, const Entry& entry) {
  const bool answer = entry.start_date || !entry.compliance_status.empty() || entry.expiry;
  if (answer) return EntryKind::authorization;
  if (tells_failure(text) || entry.level == "ERROR" || entry.level == "FATAL")
    return EntryKind::failure;
  const auto has = [&](string_view word) { return text.find(word) != string_view::npos; };
  if (!entry.entitlements.empty()) return EntryKind::authorization_request;
  if (entry.renew_interval || has("renew_interval"))
    return says_renewal(text) ? EntryKind::renewal : EntryKind::registration;
  if (has("{\"signature\"")) return EntryKind::registered;
  return EntryKind::unknown;
}

}  // namespace

void read_fields(string_view text, std::size_t from, Entry& entry) {
  auto& damaged = entry.damaged;
  entry.level = level_of(text);
  entry.id_certificate = number_of(text, "id_cert_sn", damaged);
  if (const auto sub_ca = value_of(text, "sub_ca_cert")) {
    entry.signing_certificate = "sub_ca_cert:" + printable(*sub_ca);
  } else {
    entry.signing_certificate = text_of(text, "signing_cert_sn");
  }
  entry.renew_interval = length_of<Ms>(text, "renew_interval", damaged);
  entry.product_instance = text_of(text, "product_instance_id");
  entry.hostname = text_of(text, "hostname");
  entry.start_date = start_date_of(text, damaged);
  entry.compliance_status = text_of(text, "compliance_status");
  entry.expiry = length_of<std::chrono::seconds>(text, "expiry", damaged);
  entry.retry_interval = length_of<std::chrono::seconds>(text, "retry_interval", damaged);
  read_entitlements(text, entry);
  entry.kind = kind_of(text, entry);
  if (entry.kind == EntryKind::failure || entry.kind == EntryKind::unknown)
    entry.text = excerpt(text.substr(std::min(from, text.size())));
}

std::string_view to_string(EntryKind kind) {
  constexpr std::array<string_view, 7> names{
      "registration",  "renewal", "registered", "authorization_request",
      "authorization", "failure", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace smartlic::logs
