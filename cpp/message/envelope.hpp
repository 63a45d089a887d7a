#pragma once
// The envelope of every message: a flattened JWS in JSON (RFC 7515, 7.2.2), all headers protected
// (RULES M1).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/hash.hpp"
#include "identity/keys.hpp"

namespace smartlic::message {

inline constexpr std::size_t max_message_bytes = std::size_t{64} * 1024;

/// An envelope taken apart, nothing in it trusted yet. What the header rung judges is carried as
/// found.
struct Envelope {
  std::string type;  ///< `typ` without `smartlic-` and `+jws`; empty if it has another form
  std::string algorithm;
  std::optional<std::string> kid;
  std::optional<std::vector<Bytes>> x5c;  ///< certificates in DER, the signer's first
  std::string stranger;  ///< a header or envelope member that no message of ours has; empty if none
  std::string signing_input;  ///< RFC 7515, 5.1, step 8
  /// SHA-256 of the signing input: what is signed, and how an answer names its request (M4).
  identity::Sha256 request_hash{};
  Bytes payload;  ///< the payload's JSON, not read
  Bytes signature;
};

/// Takes an envelope apart; does not look at the size of `bytes` (the first rung does). Errors:
/// `message_malformed` for anything that is not strict JSON with canonical base64url in three text
/// members and a JSON object as the header.
[[nodiscard]] Result<Envelope> parse_envelope(ByteView bytes);

/// Says by which key a message is signed, in exactly one way (M1).
struct SignerName {
  std::string kid{};            ///< RFC 7638 thumbprint; register only
  std::vector<ByteView> x5c{};  ///< else certificates in DER, the signer's first
};

/// A sealed message, and the hash that its answer will carry.
struct Sealed {
  Bytes bytes;
  identity::Sha256 request_hash{};
};

/// Signs `payload` with the key's own algorithm. `type` is the message's name, as `authorize`.
/// Errors: those of signing (`internal`).
[[nodiscard]] Result<Sealed> seal(std::string_view type, std::string_view payload,
                                  const identity::PrivateKey& key, const SignerName& signer);

}  // namespace smartlic::message
