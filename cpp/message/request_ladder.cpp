#include "message/request_ladder.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/envelope_rungs.hpp"

namespace smartlic::message {

/// What is known of one request while it climbs to the rung of binding. What several rungs need is
/// made once, by the first.
class RequestOpening {
 public:
  RequestOpening(ByteView message, const RequestPins& request_pins, identity::ChainCache& chains)
      : bytes{message}, pins{request_pins}, chains_{chains} {}

  const ByteView bytes;
  const RequestPins& pins;
  Envelope envelope;
  bool is_for_us = false;  ///< the rung of audience was passed

  /// None if `typ` is not that of a request.
  [[nodiscard]] std::optional<Kind> kind() const {
    const auto at = std::ranges::find(request_types, envelope.type);
    if (at == request_types.end()) return std::nullopt;
    return static_cast<Kind>(at - request_types.begin());
  }
  const Json& payload() {
    if (!payload_) payload_ = read_payload(envelope);
    return *payload_;
  }
  /// Who signed: two certificates, or a CSR.
  struct Signer {
    std::optional<identity::Certificate> id_certificate{};
    std::optional<identity::Certificate> signing_certificate{};
    std::optional<identity::Csr> csr{};
    std::optional<Error> fault{};  ///< what is wrong with them
  };
  const Signer& signer() {
    if (!signer_) signer_ = kind() == Kind::register_instance ? read_csr() : read_chain();
    return *signer_;
  }
  const identity::PublicKey* key() {
    if (signer().csr) return &signer().csr->public_key();
    return signer().id_certificate ? &signer().id_certificate->public_key() : nullptr;
  }

 private:
  Signer read_csr() {
    const std::string* text = payload().text("csr");
    const auto der = identity::from_base64url(text == nullptr ? "" : *text);
    auto csr = der ? identity::Csr::from_der(*der) : Result<identity::Csr>{der.error()};
    if (!csr) return {.fault = csr.error()};
    return {.csr = *std::move(csr)};
  }
  Signer read_chain() {
    if (!envelope.x5c || envelope.x5c->size() < 2) {
      return {.fault = Error{Errc::chain_untrusted, "no certificates"}};
    }
    const Bytes& id_der = envelope.x5c->front();
    const Bytes& signing_der = envelope.x5c->at(1);
    const auto verified = chains_.request_chain(id_der, signing_der, pins.roots);
    if (verified) return {verified->leaf, verified->signing, {}, {}};
    // Untrusted, it still has a key, for the rungs that stand before the chain.
    Signer out{.fault = verified.error()};
    if (const auto id = identity::Certificate::from_der(id_der)) out.id_certificate = *id;
    if (const auto signing = identity::Certificate::from_der(signing_der)) {
      out.signing_certificate = *signing;
    }
    return out;
  }

  identity::ChainCache& chains_;
  std::optional<Json> payload_;
  std::optional<Signer> signer_;
};

/// What the last two rungs look at.
struct RequestClosing {
  const OpenedRequest& opened;
  UtcTime now;
  Ms late_renewal;
};

namespace {

constexpr std::size_t max_entitlements = 64;
constexpr std::int64_t max_count = 1'000'000'000;

Fault size(RequestOpening& opening) { return check_size(opening.bytes); }

/// RULES M1: of all payloads, register's alone is read before the signature holds, for its CSR.
Fault parse(RequestOpening& opening) {
  if (auto fault = check_parse(opening.bytes, opening.envelope)) return fault;
  if (opening.kind() == Kind::register_instance && opening.payload().text("csr") == nullptr) {
    return "the payload has no CSR";
  }
  return {};
}

Fault header(RequestOpening& opening) {
  if (!opening.kind()) return "'typ' is not that of a request";
  return check_members(opening.envelope, opening.kind() == Kind::register_instance ? 0 : 2);
}

Fault algorithm(RequestOpening& opening) {
  const auto& fault = opening.signer().fault;
  if (fault && fault->code == Errc::algorithm_refused) return fault->detail;
  return check_algorithm(opening.envelope, opening.key());
}

/// RULES M2, M3, and for register M5: the CSR vouches for its key, and `kid` names that key.
Fault chain(RequestOpening& opening) {
  if (const auto& fault = opening.signer().fault) return fault->message();
  if (opening.signer().csr && opening.envelope.kid != opening.key()->thumbprint()) {
    return "'kid' is not the thumbprint of the CSR's key";
  }
  return {};
}

Fault signature(RequestOpening& opening) {
  return check_signature(opening.envelope, opening.key());
}

/// RULES M4. The certificate counts too: managers may share a root, but no instances.
Fault audience(RequestOpening& opening) {
  const std::string* manager = opening.payload().text("aud");
  if (manager == nullptr) return "the payload names no manager";
  if (*manager != opening.pins.manager.to_string()) return "for manager " + *manager;
  const auto& signing = opening.signer().signing_certificate;
  if (signing && signing->urn_uuid() != opening.pins.manager) {
    return "another manager issued the ID certificate";
  }
  opening.is_for_us = true;
  return {};
}

Fault binding(RequestOpening& opening) {
  if (!read_nonce(opening.payload())) return "no nonce of 16 to 64 bytes";
  const auto& id_certificate = opening.signer().id_certificate;
  if (!id_certificate) return {};
  const std::string* instance = opening.payload().text("product_instance_id");
  if (instance == nullptr || *instance != id_certificate->common_name()) {
    return "signed by product instance " + id_certificate->common_name();
  }
  return {};
}

/// RULES M8 at the manager's now. E7: by the manager's choice, one that has ended still renews
/// itself; it is then judged at its last instant.
Fault freshness(const RequestClosing& closing) {
  const auto& [opened, now, late_renewal] = closing;
  if (!opened.id_certificate || !opened.signing_certificate) return {};
  const UtcTime end = opened.id_certificate->not_after();
  const bool is_late = opened.kind == Kind::renew && now >= end && now - end < late_renewal;
  const std::array certificates{*opened.id_certificate, *opened.signing_certificate};
  const auto valid = identity::dates_valid_at(certificates, is_late ? end - Ms{1} : now);
  if (!valid) return valid.error().detail;
  return {};
}

Fault check_content(const RegisterRequest& request, const OpenedRequest& opened) {
  if (request.token_id.empty()) return "'token_id' is empty";
  if (opened.csr && opened.csr->udi() != request.udi) return "'udi' is not the CSR's";
  return {};
}

/// RULES M7.
Fault check_content(const AuthorizeRequest& request, const OpenedRequest& opened) {
  if (opened.signing_certificate &&
      opened.signing_certificate->serial().to_string() != request.signing_serial) {
    return "'signing_cert_sn' is not the signing certificate's";
  }
  if (request.entitlements.size() > max_entitlements) return "more than 64 entitlements";
  std::set<std::string_view> tags;
  for (const auto& entitlement : request.entitlements) {
    if (entitlement.tag.empty()) return "an entitlement without a tag";
    if (!tags.insert(entitlement.tag).second) return "tag '" + entitlement.tag + "' twice";
    if (entitlement.count < 1 || entitlement.count > max_count) {
      return "'requested_count' is " + std::to_string(entitlement.count);
    }
  }
  return {};
}

/// RULES M13: a fresh key, of the same device.
Fault check_content(const RenewRequest&, const OpenedRequest& opened) {
  if (!opened.csr) return "the CSR cannot be read, or is not signed by its own key";
  if (opened.csr->public_key().thumbprint() == opened.key_thumbprint) {
    return "the CSR's key is not a fresh one";
  }
  const auto udi = identity::Udi::parse(opened.id_certificate->subject_serial_number());
  if (!udi || *udi != opened.csr->udi()) return "the CSR is another device's";
  return {};
}

Fault check_content(const DeregisterRequest&, const OpenedRequest&) { return {}; }

Fault payload(const RequestClosing& closing) {
  const auto& opened = closing.opened;
  if (!opened.request) return {};  // finish_request reports it, with its own code
  return std::visit([&](const auto& request) { return check_content(request, opened); },
                    *opened.request);
}

constexpr std::array<Rung<RequestOpening>, 8> opening_rungs{{
    {"size", Errc::message_too_large, size},
    {"parse", Errc::message_malformed, parse},
    {"header", Errc::header_refused, header},
    {"algorithm", Errc::algorithm_refused, algorithm},
    {"chain", Errc::chain_untrusted, chain},
    {"signature", Errc::signature_invalid, signature},
    {"audience", Errc::audience_wrong, audience},
    {"binding", Errc::binding_wrong, binding},
}};
constexpr std::array<Rung<const RequestClosing>, 2> closing_rungs{{
    {"freshness", Errc::certificate_expired, freshness},
    {"payload", Errc::payload_invalid, payload},
}};

/// The CSR of a renewal, which takes no part in proving who signed.
std::optional<identity::Csr> renewal_csr(const Result<Request>& request) {
  if (!request || kind_of(*request) != Kind::renew) return std::nullopt;
  auto csr = identity::Csr::from_der(std::get<RenewRequest>(*request).csr_der);
  return csr ? std::optional{*std::move(csr)} : std::nullopt;
}

RequestFailure failure(RequestOpening& opening, Error error) {
  auto nonce = opening.is_for_us ? read_nonce(opening.payload()) : std::nullopt;
  if (!nonce) return {std::move(error), std::nullopt};
  return {std::move(error), ReplyContext{*std::move(nonce), opening.envelope.request_hash}};
}

}  // namespace

RequestLadder request_ladder() { return {opening_rungs, closing_rungs}; }

std::variant<OpenedRequest, RequestFailure> open_request(ByteView bytes, const RequestPins& pins,
                                                         identity::ChainCache& chains,
                                                         const RequestLadder& ladder) {
  RequestOpening opening{bytes, pins, chains};
  if (auto climbed = climb(ladder.opening, opening); !climbed) {
    return failure(opening, climbed.error());
  }
  if (!opening.kind() || opening.key() == nullptr) {
    return failure(opening, {Errc::header_refused, "neither a request's type nor a signer"});
  }
  const auto& signer = opening.signer();
  auto request = decode_request(*opening.kind(), opening.payload());
  return OpenedRequest{
      .kind = *opening.kind(),
      .nonce = read_nonce(opening.payload()).value_or(Bytes{}),
      .request_hash = opening.envelope.request_hash,
      .key_thumbprint = opening.key()->thumbprint(),
      .id_certificate = signer.id_certificate,
      .signing_certificate = signer.signing_certificate,
      .instance = signer.id_certificate ? signer.id_certificate->urn_uuid() : std::nullopt,
      .csr = signer.csr ? signer.csr : renewal_csr(request),
      .request = std::move(request),
  };
}

Result<void> finish_request(const OpenedRequest& opened, UtcTime now, Ms late_renewal,
                            const RequestLadder& ladder) {
  const RequestClosing closing{opened, now, late_renewal};
  if (auto climbed = climb(ladder.closing, closing); !climbed) return climbed.error();
  if (!opened.request) return opened.request.error();
  return {};
}

}  // namespace smartlic::message
