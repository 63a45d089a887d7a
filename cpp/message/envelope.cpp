#include "message/envelope.hpp"

#include "identity/encoding.hpp"
#include "message/json.hpp"

namespace smartlic::message {
namespace {

constexpr std::string_view type_prefix = "smartlic-";
constexpr std::string_view type_suffix = "+jws";

Error malformed(std::string why) { return {Errc::message_malformed, std::move(why)}; }

/// The size of a message is the first rung's business, so its parts have no limit of their own.
Result<Json> parse_part(ByteView bytes) { return parse_json(bytes, {.max_bytes = bytes.size()}); }

std::string bare_type(std::string_view typ) {
  if (typ.size() < type_prefix.size() + type_suffix.size() || !typ.starts_with(type_prefix) ||
      !typ.ends_with(type_suffix)) {
    return {};
  }
  typ.remove_prefix(type_prefix.size());
  typ.remove_suffix(type_suffix.size());
  return std::string{typ};
}

/// RFC 7515, 4.1.6: base64, not base64url. Nothing if it is no array of texts.
Result<std::optional<std::vector<Bytes>>> read_x5c(const Json& value) {
  const Json::Array* items = value.if_array();
  if (items == nullptr) return std::optional<std::vector<Bytes>>{};
  std::vector<Bytes> certificates;
  for (const Json& item : *items) {
    if (item.if_text() == nullptr) return std::optional<std::vector<Bytes>>{};
    auto der = identity::from_base64(*item.if_text());
    if (!der) return malformed("'x5c': " + der.error().detail);
    certificates.push_back(*std::move(der));
  }
  return std::optional{std::move(certificates)};
}

/// Members of a wrong type are strangers: the header rung judges them, as it does unknown ones.
Result<void> read_header(const Json& header, Envelope& out) {
  if (header.if_object() == nullptr) return malformed("the header is not an object");
  for (const auto& [name, value] : *header.if_object()) {
    if (name == "typ" && value.if_text() != nullptr) {
      out.type = bare_type(*value.if_text());
    } else if (name == "alg" && value.if_text() != nullptr) {
      out.algorithm = *value.if_text();
    } else if (name == "kid" && value.if_text() != nullptr) {
      out.kid = *value.if_text();
    } else if (name == "x5c") {
      auto x5c = read_x5c(value);
      if (!x5c) return x5c.error();
      if (!*x5c) out.stranger = name;
      out.x5c = *std::move(x5c);
    } else {
      out.stranger = name;
    }
  }
  return {};
}

Result<Bytes> decode_member(const Json& envelope, std::string_view name) {
  const std::string* text = envelope.text(name);
  if (text == nullptr) return malformed("no text '" + std::string{name} + "'");
  auto bytes = identity::from_base64url(*text);
  if (!bytes) return malformed("'" + std::string{name} + "': " + bytes.error().detail);
  return bytes;
}

}  // namespace

Result<Envelope> parse_envelope(ByteView bytes) {
  const auto json = parse_part(bytes);
  if (!json) return json.error();
  auto header = decode_member(*json, "protected");
  if (!header) return header.error();
  auto payload = decode_member(*json, "payload");
  if (!payload) return payload.error();
  auto signature = decode_member(*json, "signature");
  if (!signature) return signature.error();
  const auto header_json = parse_part(*header);
  if (!header_json) return malformed("the header: " + header_json.error().detail);

  Envelope out;
  if (auto read = read_header(*header_json, out); !read) return read.error();
  for (const auto& [name, value] : *json->if_object()) {
    if (name != "payload" && name != "protected" && name != "signature") out.stranger = name;
  }
  out.signing_input = *json->text("protected") + "." + *json->text("payload");
  out.request_hash = identity::sha256(as_bytes(out.signing_input));
  out.payload = *std::move(payload);
  out.signature = *std::move(signature);
  return out;
}

Result<Sealed> seal(std::string_view type, std::string_view payload,
                    const identity::PrivateKey& key, const SignerName& signer) {
  Json::Object header{{"alg", identity::to_string(key.algorithm())},
                      {"typ", std::string{type_prefix}.append(type).append(type_suffix)}};
  if (signer.x5c.empty()) {
    header.emplace_back("kid", signer.kid);
  } else {
    Json::Array x5c;
    for (const ByteView der : signer.x5c) x5c.emplace_back(identity::base64(der));
    header.emplace_back("x5c", std::move(x5c));
  }
  const std::string protected_text = identity::base64url(as_bytes(dump(std::move(header))));
  const std::string payload_text = identity::base64url(as_bytes(payload));
  const auto hash = identity::sha256(as_bytes(protected_text + "." + payload_text));
  const auto signature = key.sign_digest(hash);
  if (!signature) return signature.error();

  // base64url needs no escape in JSON
  const std::string text = R"({"payload":")" + payload_text + R"(","protected":")" +
                           protected_text + R"(","signature":")" + identity::base64url(*signature) +
                           R"("})";
  const ByteView bytes = as_bytes(text);
  return Sealed{{bytes.begin(), bytes.end()}, hash};
}

}  // namespace smartlic::message
