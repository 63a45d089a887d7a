#include "message/envelope_rungs.hpp"

#include "identity/encoding.hpp"

namespace smartlic::message {

Fault check_size(ByteView bytes) {
  if (bytes.size() <= max_message_bytes) return {};
  return std::to_string(bytes.size()) + " bytes";
}

Fault check_parse(ByteView bytes, Envelope& out) {
  auto envelope = parse_envelope(bytes);
  if (!envelope) return envelope.error().detail;
  out = *std::move(envelope);
  return {};
}

Fault check_members(const Envelope& envelope, std::size_t certificates) {
  if (!envelope.stranger.empty()) return "member '" + envelope.stranger + "'";
  if (certificates == 0) {
    if (!envelope.kid || envelope.x5c) return "a key ID alone has to name the signer";
  } else if (!envelope.x5c || envelope.kid || envelope.x5c->size() != certificates) {
    return std::to_string(certificates) + " certificates alone have to name the signer";
  }
  return {};
}

Fault check_algorithm(const Envelope& envelope, const identity::PublicKey* key) {
  if (key == nullptr || envelope.algorithm == to_string(key->algorithm())) return {};
  return "'" + envelope.algorithm + "', but the key is for " +
         std::string{to_string(key->algorithm())};
}

Fault check_signature(const Envelope& envelope, const identity::PublicKey* key) {
  if (key == nullptr) return "no key to verify with";
  if (key->verify_digest(envelope.request_hash, envelope.signature)) return {};
  return "";
}

Json read_payload(const Envelope& envelope) {
  auto payload = parse_json(envelope.payload, {.max_bytes = envelope.payload.size()});
  return payload ? *std::move(payload) : Json{};
}

std::optional<Bytes> read_nonce(const Json& payload) {
  const std::string* text = payload.text("nonce");
  if (text == nullptr) return {};
  auto nonce = identity::from_base64url(*text);
  if (!nonce || nonce->size() < 16 || nonce->size() > 64) return {};
  return *std::move(nonce);
}

}  // namespace smartlic::message
