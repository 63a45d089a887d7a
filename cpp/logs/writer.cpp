#include "logs/writer.hpp"

#include <chrono>
#include <optional>

namespace smartlic::logs {
namespace {

std::string digits(std::int64_t value, std::size_t width) {
  std::string out = std::to_string(value);
  if (out.size() < width) out.insert(0, width - out.size(), '0');
  return out;
}

std::string prefix(const Stamp& stamp) {
  std::string out;
  if (stamp.day) {
    const std::chrono::year_month_day date{*stamp.day};
    out += digits(static_cast<int>(date.year()), 4) + "-" +
           digits(static_cast<unsigned>(date.month()), 2) + "-" +
           digits(static_cast<unsigned>(date.day()), 2) + " ";
  }
  if (stamp.time_of_day) {
    const std::chrono::hh_mm_ss time{*stamp.time_of_day};
    out += digits(time.hours().count(), 2) + ":" + digits(time.minutes().count(), 2) + ":" +
           digits(time.seconds().count(), 2) + "," + digits(time.subseconds().count(), 3);
  }
  if (stamp.zone) {
    const auto ahead = stamp.zone->count();
    const auto size = ahead < 0 ? -ahead : ahead;
    out.append(ahead < 0 ? "-" : "+").append(digits(size / 60, 2)).append(":");
    out += digits(size % 60, 2);
  }
  if (stamp.uptime)
    out.append(out.empty() ? "" : " ").append(std::to_string(stamp.uptime->count()));
  return out + " [RubyThread-6:smart_agent.rb:161] ";
}

/// `key:value` pairs with commas between them; what is empty is left out.
class Pairs {
 public:
  void add(const char* key, const std::string& value) {
    if (value.empty()) return;
    text_ += (text_.empty() ? "" : ", ") + std::string{key} + ":" + value;
  }
  template <class Number>
  void add(const char* key, const std::optional<Number>& value) {
    if (value) add(key, std::to_string(*value));
  }
  template <class Rep, class Period>
  void add(const char* key, const std::optional<std::chrono::duration<Rep, Period>>& value) {
    if (value) add(key, std::to_string(value->count()));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string registration(const Entry& entry) {
  Pairs pairs;
  pairs.add("id_cert_sn", entry.id_certificate);
  const bool sub_ca = entry.signing_certificate.starts_with("sub_ca_cert:");
  pairs.add(sub_ca ? "signing_cert" : "signing_cert_sn", entry.signing_certificate);
  pairs.add("renew_interval", entry.renew_interval);
  return pairs.text();
}

std::string entitlement(const Entitlement& each) {
  std::string out = "#<LicenseEntitlement @entitlement_tag=\"" + each.tag + "\"";
  if (each.count) out += ", @requested_count=" + std::to_string(*each.count);
  if (!each.requested_date.empty())
    out += ", @requested_date=#<Date: " + each.requested_date + " ((0j,0n),+0s,-Infj)>";
  if (!each.version.empty()) out += ", @entitlement_version=\"" + each.version + "\"";
  if (!each.display_name.empty()) out += ", @display_name=\"" + each.display_name + "\"";
  if (!each.enforce_mode.empty()) out += ", @enforce_mode=:" + each.enforce_mode;
  if (each.days_left) out += ", @days_left=" + std::to_string(*each.days_left);
  return out + ">";
}

std::string request(const Entry& entry) {
  Pairs pairs;
  pairs.add("hostname", entry.hostname);
  pairs.add("signing_cert_sn", entry.signing_certificate);
  pairs.add("id_cert_sn", entry.id_certificate);
  pairs.add("product_instance_id", entry.product_instance);
  std::string out = pairs.text() + ", entitlements:[";
  for (const Entitlement& each : entry.entitlements)
    out += (out.back() == '[' ? "" : ", ") + entitlement(each);
  return out + "]";
}

std::string answer(const Entry& entry) {
  Pairs pairs;
  if (entry.start_date)
    pairs.add("start_date", std::to_string(entry.start_date->time_since_epoch().count()));
  pairs.add("compliance_status", entry.compliance_status);
  pairs.add("expiry", entry.expiry);
  pairs.add("retry_interval", entry.retry_interval);
  return pairs.text();
}

std::string message(const Entry& entry) {
  switch (entry.kind) {
    case EntryKind::registration:
      return "root - register received:" + registration(entry);
    case EntryKind::renewal:
      return "root - renew received:" + registration(entry);
    case EntryKind::registered:
      return "root - registration succeeded with response:{\"signature\"=>{\"type\"=>\"SHA256\",";
    case EntryKind::authorization_request:
      return "root - sending authorization request message with " + request(entry);
    case EntryKind::authorization:
      return "root - authorization response received. " + answer(entry);
    case EntryKind::failure:
    case EntryKind::unknown:
      break;
  }
  return entry.text;
}

}  // namespace

std::string write_entry(const Entry& entry) {
  std::string out = prefix(entry.stamp);
  // What is kept of a failure begins behind the prefix, with thread and level.
  const bool whole = entry.kind == EntryKind::failure || entry.kind == EntryKind::unknown;
  if (whole) return out.substr(0, out.find('[')) + entry.text + "\n";
  return out + entry.level + (entry.level.empty() ? "" : " ") + message(entry) + "\n";
}

}  // namespace smartlic::logs
