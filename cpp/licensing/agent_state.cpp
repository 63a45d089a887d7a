#include "licensing/agent_state.hpp"

#include <algorithm>
#include <utility>

#include "identity/authority.hpp"
#include "identity/chain.hpp"
#include "identity/encoding.hpp"
#include "licensing/licence_codec.hpp"
#include "message/codec.hpp"
#include "message/envelope.hpp"
#include "message/sealing.hpp"

namespace smartlic::licensing {
namespace {

using message::Json;
using message::PayloadReader;

constexpr std::int64_t state_version = 1;
constexpr message::JsonLimits limits{.max_bytes = std::size_t{1} << 20U, .max_depth = 16};

Error damaged(std::string detail) { return {Errc::state_damaged, std::move(detail)}; }

Json binary(ByteView bytes) { return Json{identity::base64url(bytes)}; }

// --- parts
// ----------------------------------------------------------------------------------------------------------

Json encode_now(const Now& now) {
  return Json{Json::Object{{"wall", to_json(now.wall)},
                           {"boot", Json{std::int64_t{now.boot.time_since_epoch().count()}}},
                           {"boot_id", Json{now.boot_id.to_string()}}}};
}

Now decode_now(const Json* json, PayloadReader& whole) {
  Now now;
  if (json == nullptr) return now;
  PayloadReader reader{*json};
  now.wall = reader.time("wall");
  now.boot = BootTime{boot_clock::duration{reader.integer("boot", 0, INT64_MAX)}};
  now.boot_id = reader.uuid("boot_id");
  if (const auto fault = reader.fault()) whole.refuse("clock", fault->detail);
  return now;
}

Json encode_config(const AgentConfig& config) {
  Json::Object out{{"udi", Json{config.udi.to_string()}},
                   {"software_tag", Json{config.software_tag}},
                   {"algorithm", Json{to_string(config.algorithm)}},
                   {"rsa_bits", Json{std::int64_t{config.rsa_bits}}}};
  if (config.hostname) out.emplace_back("hostname", Json{*config.hostname});
  return Json{std::move(out)};
}

AgentConfig decode_config(const Json* json, PayloadReader& whole) {
  AgentConfig config;
  if (json == nullptr) return config;
  PayloadReader reader{*json};
  const auto udi = identity::Udi::parse(reader.text("udi"));
  if (udi) {
    config.udi = *udi;
  } else {
    reader.refuse("udi", udi.error().detail);
  }
  config.software_tag = reader.text("software_tag");
  const std::string algorithm = reader.text("algorithm");
  config.algorithm = algorithm == "RS256" ? identity::Algorithm::rs256 : identity::Algorithm::es256;
  if (algorithm != to_string(config.algorithm)) reader.refuse("algorithm", "is unknown");
  config.rsa_bits = static_cast<unsigned>(reader.integer("rsa_bits", 2048, 4096));
  if (reader.has("hostname")) config.hostname = reader.text("hostname");
  if (const auto fault = reader.fault()) whole.refuse("config", fault->detail);
  return config;
}

Json encode_entitlements(const std::vector<message::EntitlementRequest>& entitlements) {
  Json::Array out;
  for (const auto& each : entitlements) {
    out.emplace_back(Json::Object{{"tag", Json{each.tag}},
                                  {"requested_count", Json{each.count}},
                                  {"version", Json{each.version}},
                                  {"display_name", Json{each.display_name}}});
  }
  return Json{std::move(out)};
}

std::vector<message::EntitlementRequest> decode_entitlements(const Json::Array* items,
                                                             PayloadReader& whole) {
  std::vector<message::EntitlementRequest> out;
  if (items == nullptr) return out;
  for (const auto& item : *items) {
    PayloadReader reader{item};
    out.push_back({reader.text("tag"), reader.integer("requested_count", 1, 1'000'000'000),
                   reader.text("version"), reader.text("display_name")});
    if (const auto fault = reader.fault()) whole.refuse("requested", fault->detail);
  }
  return out;
}

Json encode_proof(const Proof& proof) {
  return Json{Json::Object{{"request", Json{as_text(proof.request)}},
                           {"answer", Json{as_text(proof.answer)}},
                           {"trust", Json{message::encode(proof.trust)}}}};
}

Json encode_open(const OpenDetails& open) {
  return Json{Json::Object{{"sealed", Json{as_text(open.sealed)}},
                           {"asked", encode_now(open.asked)},
                           {"asked_at", to_json(open.asked_at)},
                           {"request_no", Json{static_cast<std::int64_t>(open.request_no)}}}};
}

// --- what answers prove
// ---------------------------------------------------------------------------------------------

struct Proved {
  Proof proof;
  message::Answer answer;
};

// Runs the ladder against the request and the roots that were kept with the answer.
Result<Proved> prove(const Json& json, const rules::Periods& periods) {
  PayloadReader reader{json};
  const std::string request = reader.text("request");
  const std::string answer = reader.text("answer");
  const std::string trust_text = reader.text("trust");
  if (const auto fault = reader.fault()) return damaged(fault->detail);
  auto trust = message::decode_trust_file(as_bytes(trust_text));
  if (!trust) return damaged("the trust of a kept answer: " + trust.error().message());
  const auto open = message::recall_open_request(as_bytes(request));
  if (!open) return damaged("a kept request: " + open.error().message());
  identity::ChainCache chains{4};
  auto verified = message::verify_answer(
      as_bytes(answer), {trust->manager, trust->roots, std::nullopt, periods.authorization},
      {&*open, 1}, chains);
  if (!verified) return damaged("a kept answer does not verify: " + verified.error().message());
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  return Proved{{bytes(request), bytes(answer), *std::move(trust)}, std::move(verified->answer)};
}

Result<void> prove_identity(const Json& json, AgentState& state) {
  auto proved = prove(json, state.config.periods);
  if (!proved) return proved.error();
  const message::Issued* issued = nullptr;
  Uuid instance;
  if (const auto* it = std::get_if<message::RegisterAnswer>(&proved->answer)) {
    issued = &it->issued;
    instance = it->instance;
  } else if (const auto* renewed = std::get_if<message::RenewAnswer>(&proved->answer)) {
    issued = &renewed->issued;
    instance = renewed->instance;
  }
  if (issued == nullptr) return damaged("the kept answer issues no ID certificate");
  if (!state.key || state.key->key.public_key() != issued->id_certificate.public_key()) {
    return damaged("the key is not the ID certificate's");
  }
  const std::string* account = json.text("virtual_account");
  if (account == nullptr) return damaged("virtual_account is missing");
  state.identity =
      Identity{instance, issued->id_certificate, issued->signing_certificate, *account};
  state.licence.certificate = certificate_facts(*issued, state.config.periods);
  state.identity_proof = std::move(proved->proof);
  return {};
}

Result<void> prove_authorization(const Json& json, AgentState& state) {
  auto proved = prove(json, state.config.periods);
  if (!proved) return proved.error();
  const auto* granted = std::get_if<message::AuthorizeAnswer>(&proved->answer);
  if (granted == nullptr) return damaged("the kept answer grants nothing");
  state.answered = entitlements_of(proved->proof.request);
  state.authorization_proof = std::move(proved->proof);
  const bool* held = json.boolean("held");
  if (held == nullptr) return damaged("held is missing");
  if (!*held) return {};
  PayloadReader reader{json};
  state.licence.facts.authorization = {
      granted->start_date, reader.time("bound"),
      granted->status == message::ComplianceStatus::OutOfCompliance};
  if (const auto fault = reader.fault()) return damaged(fault->detail);
  return {};
}

Result<void> recall_open(const Json& json, rules::Slot slot, AgentState& state) {
  PayloadReader reader{json};
  const std::string sealed = reader.text("sealed");
  const Now asked = decode_now(reader.object("asked"), reader);
  const UtcTime asked_at = reader.time("asked_at");
  const auto request_no = static_cast<std::uint64_t>(reader.integer("request_no", 0, INT64_MAX));
  if (const auto fault = reader.fault()) return damaged(fault->detail);
  const auto open = message::recall_open_request(as_bytes(sealed));
  if (!open) return damaged("an open request: " + open.error().message());
  state.open[static_cast<std::size_t>(slot)] =
      OpenDetails{*open, Bytes(sealed.begin(), sealed.end()), asked, asked_at, request_no};
  return {};
}

// Gives `decode` a member of the right type. A missing one is none, for what is optional; one of
// another type is damage, not absence.
template <class Value, class Decode>
Result<void> if_present(const Json& json, std::string_view member,
                        const Value* (Json::*as)(std::string_view) const, Decode decode) {
  if (json.find(member) == nullptr) return {};
  const Value* value = (json.*as)(member);
  if (value == nullptr) return damaged(std::string{member} + " has the wrong type");
  return decode(*value);
}

Result<void> decode_key(const Json& json, std::string_view member, std::string_view passphrase,
                        std::optional<StoredKey>& into) {
  return if_present(json, member, &Json::text, [&](const std::string& pem) -> Result<void> {
    auto key = identity::PrivateKey::from_pem(pem, passphrase);
    if (key) {
      into = StoredKey{*std::move(key), pem};
      return {};
    }
    if (key.error().code == Errc::passphrase_wrong) return key.error();
    return damaged(std::string{member} + ": " + key.error().message());
  });
}

Result<void> decode_secrets(const Json& json, std::string_view passphrase, AgentState& state) {
  if (auto ok = decode_key(json, "key", passphrase, state.key); !ok) return ok;
  if (auto ok = decode_key(json, "registration_key", passphrase, state.registration_key); !ok)
    return ok;
  if (auto ok = decode_key(json, "renewal_key", passphrase, state.renewal_key); !ok) return ok;
  return if_present(json, "token", &Json::object, [&](const Json& token) -> Result<void> {
    PayloadReader reader{token};
    state.token = PendingToken{reader.text("id"), reader.sha256("secret_hash")};
    if (const auto fault = reader.fault()) return damaged(fault->detail);
    return {};
  });
}

Result<void> decode_proofs(const Json& json, AgentState& state) {
  auto ok = if_present(json, "identity_proof", &Json::object,
                       [&](const Json& proof) { return prove_identity(proof, state); });
  if (!ok) return ok;
  ok = if_present(json, "authorization_proof", &Json::object,
                  [&](const Json& proof) { return prove_authorization(proof, state); });
  if (!ok) return ok;
  ok = if_present(json, "open_online", &Json::object,
                  [&](const Json& open) { return recall_open(open, rules::Slot::online, state); });
  if (!ok) return ok;
  return if_present(json, "open_exported", &Json::object, [&](const Json& open) {
    return recall_open(open, rules::Slot::exported, state);
  });
}

Result<void> decode_trust(const Json& json, AgentState& state) {
  auto ok = if_present(json, "trust", &Json::text, [&](const std::string& text) -> Result<void> {
    auto trust = message::decode_trust_file(as_bytes(text));
    if (!trust) return damaged("the trust file: " + trust.error().message());
    state.trust = *std::move(trust);
    return {};
  });
  if (!ok) return ok;
  return if_present(json, "newest_signing", &Json::text, [&](const std::string& serial) {
    auto newest = identity::SerialNumber::parse(serial);
    if (!newest) return Result<void>{damaged("newest_signing")};
    state.newest_signing = *std::move(newest);
    return Result<void>{};
  });
}

bool has_thumbprint(const std::optional<StoredKey>& key, const std::string& thumbprint) {
  return key && key->key.public_key().thumbprint() == thumbprint;
}

// Whether we could make use of this open request's answer: it is ours, and the key is there for
// which a certificate was asked.
bool is_usable(const OpenDetails& details, rules::RequestKind kind, const AgentState& state) {
  const auto& open = details.open;
  if (static_cast<std::size_t>(open.kind) != static_cast<std::size_t>(kind)) return false;
  if (kind == rules::RequestKind::registration)
    return has_thumbprint(state.registration_key, open.key_thumbprint);
  if (!state.identity || open.instance != state.identity->instance) return false;
  return kind != rules::RequestKind::renewal ||
         has_thumbprint(state.renewal_key, open.key_thumbprint) ||
         has_thumbprint(state.key, open.key_thumbprint);
}

// What the parts say of each other: an identity has its key, an open slot its request, an
// authorization its certificate.
Result<void> check_whole(const AgentState& state) {
  if (state.identity.has_value() != state.key.has_value())
    return damaged("the ID certificate or its key is missing");
  if (state.licence.facts.authorization && !state.identity)
    return damaged("the authorization lacks the ID certificate it was granted under");
  if (!state.acked.empty() && !state.authorization_proof)
    return damaged("the answer that was acknowledged is missing");
  for (std::size_t at = 0; at < state.open.size(); ++at) {
    const auto& [kind, waiting] = state.licence.slots[at];
    const auto& details = state.open[at];
    // An online one that could not even be made leaves none.
    const bool unmade = at == static_cast<std::size_t>(rules::Slot::online) && !waiting;
    const bool fits = details ? kind && is_usable(*details, *kind, state) : !kind || unmade;
    if (!fits) return damaged("an open request is missing, or not ours");
  }
  const auto& registration =
      state.licence.due[static_cast<std::size_t>(rules::RequestKind::registration)];
  if (registration.at != never && !state.token)
    return damaged("a pending registration lacks its token");
  const bool speaks = state.identity || state.token || state.open[0] || state.open[1];
  if (speaks && !state.trust) return damaged("the trust file is missing");
  return {};
}

}  // namespace

Result<StoredKey> StoredKey::make(identity::PrivateKey key, std::string_view passphrase,
                                  identity::Entropy& entropy) {
  if (passphrase.empty()) {
    std::string pem = key.to_pem();
    return StoredKey{std::move(key), std::move(pem)};
  }
  identity::PrivateKey::SaltAndIv salt_and_iv{};
  entropy.fill(salt_and_iv);
  auto pem = key.to_pem(passphrase, salt_and_iv);
  if (!pem) return pem.error();
  return StoredKey{std::move(key), *std::move(pem)};
}

rules::CertificateFacts certificate_facts(const message::Issued& issued,
                                          const rules::Periods& periods) {
  const UtcTime issued_at = issued.id_certificate.not_before() + identity::id_backdate;
  const UtcTime not_after = issued.id_certificate.not_after();
  return {issued_at, not_after,
          issued_at + rules::renew_interval(periods, issued.renew_interval, not_after - issued_at)};
}

std::vector<message::EntitlementRequest> entitlements_of(ByteView sealed) {
  const auto envelope = message::parse_envelope(sealed);
  if (!envelope) return {};
  const auto payload = message::parse_json(envelope->payload);
  if (!payload) return {};
  auto request = message::decode_request(message::Kind::authorize, *payload);
  if (!request) return {};
  return std::get<message::AuthorizeRequest>(*std::move(request)).entitlements;
}

std::string encode(const AgentState& state) {
  Json::Object out{
      {"v", Json{state_version}},
      {"config", encode_config(state.config)},
      {"licensing", to_json(state.licensing)},
      {"clock", encode_now(state.seen)},
      {"licence", encode(state.licence)},
      {"requested", encode_entitlements(state.requested)},
      {"request_no", Json{static_cast<std::int64_t>(state.request_no)}},
      {"acked", Json{state.acked}},
      {"answers_invalid", Json{static_cast<std::int64_t>(state.counters.answers_invalid)}},
      {"answers_unmatched", Json{static_cast<std::int64_t>(state.counters.answers_unmatched)}},
      {"mode_since", to_json(state.mode_since)},
      {"mode_cause", Json{static_cast<std::int64_t>(state.mode_cause)}},
  };
  if (state.trust) out.emplace_back("trust", Json{message::encode(*state.trust)});
  if (state.newest_signing)
    out.emplace_back("newest_signing", Json{state.newest_signing->to_string()});
  if (state.key) out.emplace_back("key", Json{state.key->pem});
  if (state.registration_key)
    out.emplace_back("registration_key", Json{state.registration_key->pem});
  if (state.renewal_key) out.emplace_back("renewal_key", Json{state.renewal_key->pem});
  if (state.token) {
    out.emplace_back("token",
                     Json{Json::Object{{"id", Json{state.token->id}},
                                       {"secret_hash", binary(state.token->secret_hash)}}});
  }
  if (state.identity_proof) {
    auto proof = *encode_proof(*state.identity_proof).if_object();
    proof.emplace_back("virtual_account", Json{state.identity->virtual_account});
    out.emplace_back("identity_proof", Json{std::move(proof)});
  }
  if (state.authorization_proof) {
    auto proof = *encode_proof(*state.authorization_proof).if_object();
    const auto& held = state.licence.facts.authorization;
    proof.emplace_back("held", Json{held.has_value()});
    if (held) proof.emplace_back("bound", to_json(held->bound));
    out.emplace_back("authorization_proof", Json{std::move(proof)});
  }
  if (const auto& open = state.open[0]) out.emplace_back("open_online", encode_open(*open));
  if (const auto& open = state.open[1]) out.emplace_back("open_exported", encode_open(*open));
  Json::Array recent;
  for (const auto& each : state.recent) recent.push_back(encode(each));
  out.emplace_back("recent", Json{std::move(recent)});
  return message::dump(Json{std::move(out)});
}

Result<AgentState> decode_agent_state(ByteView text, std::string_view passphrase,
                                      const rules::Periods& periods) {
  const auto json = message::parse_json(text, limits);
  if (!json) return damaged(json.error().message());
  PayloadReader reader{*json};
  if (const auto* version = json->integer("v"); version == nullptr || *version != state_version) {
    return Error{Errc::state_version,
                 version == nullptr ? "no version" : "version " + std::to_string(*version)};
  }
  AgentState state;
  state.config = decode_config(reader.object("config"), reader);
  state.config.periods = periods;
  state.licensing = reader.time("licensing");
  state.seen = decode_now(reader.object("clock"), reader);
  if (const auto* licence = reader.object("licence"))
    state.licence = decode_licence_state(*licence, reader);
  state.requested = decode_entitlements(reader.array("requested"), reader);
  state.request_no = static_cast<std::uint64_t>(reader.integer("request_no", 0, INT64_MAX));
  state.acked = reader.text("acked");
  state.counters = {static_cast<std::uint64_t>(reader.integer("answers_invalid", 0, INT64_MAX)),
                    static_cast<std::uint64_t>(reader.integer("answers_unmatched", 0, INT64_MAX))};
  state.mode_since = reader.time("mode_since");
  state.mode_cause = static_cast<rules::Cause>(
      reader.integer("mode_cause", 0, static_cast<std::int64_t>(rules::Cause::none)));
  if (const auto* recent = reader.array("recent")) {
    for (const auto& each : *recent) state.recent.push_back(decode_event(each, reader));
  }
  if (const auto fault = reader.fault()) return damaged(fault->detail);
  if (auto ok = decode_trust(*json, state); !ok) return ok.error();
  if (auto ok = decode_secrets(*json, passphrase, state); !ok) return ok.error();
  if (auto ok = decode_proofs(*json, state); !ok) return ok.error();
  if (auto ok = check_whole(state); !ok) return ok.error();
  return state;
}

}  // namespace smartlic::licensing
