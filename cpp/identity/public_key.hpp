#pragma once
// Public keys: what verifies. Nothing here draws randomness.

#include <memory>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/algorithm.hpp"
#include "identity/hash.hpp"

namespace smartlic::identity {

/// A P-256 key, or an RSA key of 2048 to 4096 bits whose exponent is odd, at least 65537 and below
/// 2^64 (RULES M1). Immutable, cheap to copy, and safe to use from several threads at once.
class PublicKey {
 public:
  /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1) in its one DER spelling, a P-256 point
  /// uncompressed. Errors: `algorithm_refused` for any other key, `invalid_argument` for what is no
  /// key at all.
  [[nodiscard]] static Result<PublicKey> from_spki_der(ByteView der);

  [[nodiscard]] Algorithm algorithm() const;
  /// Whether a JWS signature over `data` is by this key: ES256 is r || s in 64 bytes (RFC
  /// 7518, 3.4).
  [[nodiscard]] bool verify(ByteView data, ByteView jws_signature) const {
    return verify_digest(sha256(data), jws_signature);
  }
  /// The same for data whose SHA-256 is known.
  [[nodiscard]] bool verify_digest(const Sha256& digest, ByteView jws_signature) const;
  /// The same for signatures as certificates and requests carry them: ECDSA in DER (RFC 5480).
  [[nodiscard]] bool verify_der(ByteView data, ByteView signature) const;
  /// RFC 7638 with SHA-256, in base64url: the `kid` of a registration (RULES M1).
  [[nodiscard]] const std::string& thumbprint() const;
  [[nodiscard]] ByteView spki_der() const;

  /// Keys are equal if their SubjectPublicKeyInfo is.
  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  [[nodiscard]] bool verify_der_digest(const Sha256& digest, ByteView signature) const;
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace smartlic::identity
