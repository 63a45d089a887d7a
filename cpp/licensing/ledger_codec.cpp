#include "licensing/ledger_codec.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/payload_reader.hpp"

namespace smartlic::licensing {
namespace {

using identity::base64url;
using message::Json;
using message::PayloadReader;

constexpr std::int64_t version = 1;
constexpr auto any = std::numeric_limits<std::int64_t>::max();
constexpr std::array<std::string_view, 3> status_names{"active", "removed", "deregistered"};

// A record holds two certificates, 256 states and a decision: far below this.
constexpr message::JsonLimits limits{.max_bytes = std::size_t{1024} * 1024};

Json number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Json time(UtcTime at) { return std::int64_t{at.time_since_epoch().count()}; }
Json certificate(const std::optional<identity::Certificate>& certificate) {
  return certificate ? Json{base64url(certificate->der())} : Json{};
}

Error damaged(std::string why) { return {Errc::state_damaged, std::move(why)}; }

/// The JSON of a record whose version is ours.
Result<Json> parse(std::string_view text) {
  auto json = message::parse_json(as_bytes(text), limits);
  if (!json) return damaged(json.error().message());
  const std::int64_t* found = json->integer("v");
  if (found == nullptr) return damaged("it has no version");
  if (*found != version) return Error{Errc::state_version, "version " + std::to_string(*found)};
  return json;
}

/// What PayloadReader has not, because no message needs it.
class RecordReader : public PayloadReader {
 public:
  explicit RecordReader(const Json& object, std::span<const identity::Certificate> known = {})
      : PayloadReader{object}, object_{object}, known_{known} {}

  std::uint64_t number(std::string_view member) {
    return static_cast<std::uint64_t>(integer(member, 0, any));
  }
  bool flag(std::string_view member) {
    const bool* value = object_.boolean(member);
    if (value == nullptr) refuse(member, "is not true or false");
    return value != nullptr && *value;
  }
  std::optional<identity::Certificate> certificate_or_null(std::string_view member) {
    const Json* value = object_.find(member);
    if (value != nullptr && value->is_null()) return std::nullopt;
    const Bytes der = bytes(member);
    const auto same = [&](const auto& each) { return std::ranges::equal(each.der(), der); };
    if (const auto at = std::ranges::find_if(known_, same); at != known_.end()) return *at;
    auto out = identity::Certificate::from_der(der);
    if (out) return *std::move(out);
    refuse(member, "is not a certificate");
    return std::nullopt;
  }
  UtcTime time_or_never(std::string_view member) {
    const Json* value = object_.find(member);
    return value != nullptr && value->is_null() ? never : time(member);
  }
  InstanceStatus status(std::string_view member) {
    const auto at = std::ranges::find(status_names, text(member));
    if (at == status_names.end()) refuse(member, "is not a status");
    return static_cast<InstanceStatus>(at == status_names.end() ? 0 : at - status_names.begin());
  }
  std::vector<std::string> texts(std::string_view member) {
    std::vector<std::string> out;
    const Json::Array* items = array(member);
    if (items == nullptr) return out;
    for (const Json& item : *items) {
      if (item.if_text() == nullptr) refuse(member, "has something else than texts");
      out.push_back(item.if_text() == nullptr ? std::string{} : *item.if_text());
    }
    return out;
  }
  std::vector<TagUsage> usage(std::string_view member) {
    std::vector<TagUsage> out;
    const Json::Array* items = array(member);
    if (items == nullptr) return out;
    for (const Json& item : *items) {
      PayloadReader in{item};
      out.push_back({in.text("tag"), in.integer("count", 0, any)});
      if (const auto fault = in.fault()) refuse(member, fault->detail);
    }
    return out;
  }

 private:
  const Json& object_;
  std::span<const identity::Certificate> known_;
};

Json encode_usage(const std::vector<TagUsage>& usage) {
  Json::Array out;
  for (const auto& each : usage) {
    out.push_back(Json::Object{{"tag", each.tag}, {"count", each.count}});
  }
  return out;
}

void read_identity(RecordReader& in, InstanceRecord& out) {
  out.instance = in.uuid("instance");
  out.revision = in.number("revision");
  out.status = in.status("status");
  out.virtual_account = in.text("virtual_account");
  out.udi = in.text("udi");
  out.software_tag = in.text("software_tag");
  out.hostname = in.text("hostname");
  out.registered = in.time("registered");
  out.last_seen = in.time("last_seen");
  out.certificate = in.certificate_or_null("certificate");
  out.certificate_used = in.flag("certificate_used");
  out.next_certificate = in.certificate_or_null("next_certificate");
  out.revoked = in.flag("revoked");
  out.token_id = in.text("token_id");
  out.next_token_id = in.text("next_token_id");
}

void read_decision(RecordReader& in, InstanceRecord& out) {
  out.request_no = in.number("request_no");
  out.request_hash = in.sha256("request_hash");
  out.decision = in.text("decision");
  out.confirmed_state = in.text("confirmed_state");
  out.issued_states = in.texts("issued_states");
  out.state_unknown = in.flag("state_unknown");
  out.fork_suspected = in.flag("fork_suspected");
  out.superseded_seen = in.flag("superseded_seen");
  out.refuse_forks = in.flag("refuse_forks");
  out.usage = in.usage("usage");
  out.authorization_end = in.time("authorization_end");
  out.usage_until = in.time("usage_until");
  out.out_of_compliance = in.flag("out_of_compliance");
}

}  // namespace

std::string encode(const InstanceRecord& record) {
  Json::Array states{record.issued_states.begin(), record.issued_states.end()};
  return dump(Json::Object{
      {"v", version},
      {"instance", record.instance.to_string()},
      {"revision", number(record.revision)},
      {"status", status_names[static_cast<std::size_t>(record.status)]},
      {"virtual_account", record.virtual_account},
      {"udi", record.udi},
      {"software_tag", record.software_tag},
      {"hostname", record.hostname},
      {"registered", time(record.registered)},
      {"last_seen", time(record.last_seen)},
      {"certificate", certificate(record.certificate)},
      {"certificate_used", record.certificate_used},
      {"next_certificate", certificate(record.next_certificate)},
      {"revoked", record.revoked},
      {"token_id", record.token_id},
      {"next_token_id", record.next_token_id},
      {"request_no", number(record.request_no)},
      {"request_hash", base64url(record.request_hash)},
      {"decision", record.decision},
      {"confirmed_state", record.confirmed_state},
      {"issued_states", std::move(states)},
      {"state_unknown", record.state_unknown},
      {"fork_suspected", record.fork_suspected},
      {"superseded_seen", record.superseded_seen},
      {"refuse_forks", record.refuse_forks},
      {"usage", encode_usage(record.usage)},
      {"authorization_end", time(record.authorization_end)},
      {"usage_until", time(record.usage_until)},
      {"out_of_compliance", record.out_of_compliance},
  });
}

Result<InstanceRecord> decode_instance(std::string_view text,
                                       std::span<const identity::Certificate> known) {
  const auto json = parse(text);
  if (!json) return json.error();
  RecordReader in{*json, known};
  InstanceRecord out;
  read_identity(in, out);
  read_decision(in, out);
  if (const auto fault = in.fault()) return damaged(fault->detail);
  return out;
}

std::string encode(const TokenRecord& record) {
  return dump(Json::Object{
      {"v", version},
      {"id", record.id},
      {"secret_hash", base64url(record.secret_hash)},
      {"virtual_account", record.virtual_account},
      {"expires", record.expires == never ? Json{} : time(record.expires)},
      {"max_uses", record.max_uses},
      {"uses", record.uses},
      {"revoked", record.revoked},
  });
}

Result<TokenRecord> decode_token(std::string_view text) {
  const auto json = parse(text);
  if (!json) return json.error();
  RecordReader in{*json};
  TokenRecord out;
  out.id = in.text("id");
  out.secret_hash = in.sha256("secret_hash");
  out.virtual_account = in.text("virtual_account");
  out.expires = in.time_or_never("expires");
  out.max_uses = in.integer("max_uses", 1, any);
  out.uses = in.integer("uses", 0, any);
  out.revoked = in.flag("revoked");
  if (const auto fault = in.fault()) return damaged(fault->detail);
  return out;
}

std::string encode_decision(const message::Answer& answer) {
  const auto kind = message::kind_of(answer);
  return dump(Json::Object{{"v", version},
                           {"kind", kind ? message::to_string(*kind) : "refusal"},
                           {"answer", message::encode(answer)}});
}

Result<message::Answer> decode_decision(std::string_view text) {
  const auto json = parse(text);
  if (!json) return json.error();
  RecordReader in{*json};
  const std::string name = in.text("kind");
  const Json* payload = in.object("answer");
  if (const auto fault = in.fault()) return damaged(fault->detail);
  std::optional<message::Kind> kind;
  for (const auto each : {message::Kind::register_instance, message::Kind::authorize,
                          message::Kind::renew, message::Kind::deregister}) {
    if (name == message::to_string(each)) kind = each;
  }
  if (!kind && name != "refusal") return damaged("'kind' is " + name);
  auto answer = message::decode_answer(kind, *payload);
  if (!answer) return damaged(answer.error().message());
  return answer;
}

}  // namespace smartlic::licensing
