#include "identity/tag.hpp"

#include <algorithm>
#include <optional>

namespace smartlic::identity {
namespace {

constexpr std::string_view scheme = "regid.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

/// Takes what stands before `mark` off the text; nothing if there is no such mark.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto out = text.substr(0, at);
  text.remove_prefix(at + 1);
  return out;
}

template <class Allowed>
bool consists_of(std::string_view text, Allowed allowed) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_domain(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('.'), text.size());
    const auto label = text.substr(0, end);
    const bool plain =
        consists_of(label, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
    if (!plain || label.front() == '-' || label.back() == '-') return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
  return false;  // empty, or ending in a dot
}

Error wrong(std::string_view part, std::string_view tag) {
  return {Errc::invalid_argument,
          "entitlement tag '" + std::string{tag} + "': wrong " + std::string{part}};
}

}  // namespace

Result<EntitlementTag> EntitlementTag::parse(std::string_view text) {
  EntitlementTag out;
  std::string_view rest = text;
  if (!rest.starts_with(scheme)) return wrong("scheme, 'regid.' expected", text);
  rest.remove_prefix(scheme.size());

  const auto date = take_until(rest, '.');
  if (!date || date->size() != 7 || (*date)[4] != '-' ||
      !consists_of(date->substr(0, 4), is_digit) || !consists_of(date->substr(5), is_digit)) {
    return wrong("date, YYYY-MM expected", text);
  }
  out.year = static_cast<std::uint16_t>(std::stoi(std::string{date->substr(0, 4)}));
  out.month = static_cast<std::uint8_t>(std::stoi(std::string{date->substr(5)}));
  if (out.year < 1000 || out.month < 1 || out.month > 12) return wrong("date", text);

  const auto name = take_until(rest, ',');
  const auto dot = name ? name->rfind('.') : std::string_view::npos;
  if (dot == std::string_view::npos || !is_domain(name->substr(0, dot))) {
    return wrong("reversed domain", text);
  }
  out.domain = name->substr(0, dot);
  out.feature = name->substr(dot + 1);
  if (!consists_of(out.feature,
                   [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; })) {
    return wrong("feature", text);
  }

  const auto version = take_until(rest, '_');
  if (!version || !consists_of(*version, [](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || c == '-';
      })) {
    return wrong("version", text);
  }
  out.version = *version;
  const auto uuid = Uuid::parse(rest);
  if (!uuid) return wrong("UUID", text);
  out.uuid = *uuid;
  return out;
}

std::string EntitlementTag::to_string() const {
  std::string out{scheme};
  out.append(std::to_string(year)).append(month < 10 ? "-0" : "-").append(std::to_string(month));
  out.append(".").append(domain).append(".").append(feature);
  return out.append(",").append(version).append("_").append(uuid.to_string());
}

}  // namespace smartlic::identity
