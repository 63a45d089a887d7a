#pragma once
// Private keys: what signs.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/hash.hpp"
#include "identity/public_key.hpp"

struct X509_req_st;  // OpenSSL's X509_REQ
struct x509_st;      // OpenSSL's X509

namespace smartlic::identity {

/// A key pair of one of the two algorithms (see PublicKey). Immutable, cheap to copy, and safe to
/// use from several threads at once.
///
/// keys.cpp is the one file of the core in which OpenSSL draws its own randomness: in `generate`,
/// in the k of an ECDSA signature and in RSA's blinding (DESIGN 3). No k is ever made of entropy
/// given as an argument.
class PrivateKey {
 public:
  /// Salt (16 bytes) and initialization vector (16 bytes) of an encrypted key. Never use one twice.
  using SaltAndIv = std::array<std::uint8_t, 32>;

  /// A new key. `rsa_bits` counts for RS256 only. Errors: `algorithm_refused` for a size outside
  /// 2048 to 4096.
  [[nodiscard]] static Result<PrivateKey> generate(Algorithm algorithm, unsigned rsa_bits = 2048);

  /// Reads PKCS#8, in clear or encrypted with PBES2 (RFC 8018), as the one PEM block of `text`; a
  /// passphrase for a clear key is ignored. Errors: `passphrase_wrong`, also if one is needed and
  /// empty; `algorithm_refused` as for PublicKey; `invalid_argument` for what is no key, or a pair
  /// whose halves do not belong together.
  [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view text,
                                                   std::string_view passphrase = {});

  /// The key in clear: PKCS#8 in PEM.
  [[nodiscard]] std::string to_pem() const;
  /// The key encrypted: PBES2 with PBKDF2-HMAC-SHA-256 (600,000 rounds) and AES-256-CBC. Draws no
  /// randomness: salt and IV are an argument. Errors: `invalid_argument` for an empty passphrase.
  [[nodiscard]] Result<std::string> to_pem(std::string_view passphrase,
                                           const SaltAndIv& salt_and_iv) const;

  /// A signature as JWS wants it: ES256 r || s in 64 bytes, RS256 as long as the modulus.
  /// Errors: `internal` if OpenSSL gets no randomness or memory.
  [[nodiscard]] Result<Bytes> sign(ByteView data) const { return sign_digest(sha256(data)); }
  /// The same for data whose SHA-256 is known.
  [[nodiscard]] Result<Bytes> sign_digest(const Sha256& digest) const;
  [[nodiscard]] const PublicKey& public_key() const;
  [[nodiscard]] Algorithm algorithm() const { return public_key().algorithm(); }

  /// Sign a certificate or certificate request in place, with SHA-256. For csr.cpp and
  /// authority.cpp. Errors: `internal`.
  [[nodiscard]] Result<void> sign_in_place(x509_st& certificate) const;
  [[nodiscard]] Result<void> sign_in_place(X509_req_st& request) const;

 private:
  struct Impl;
  explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace smartlic::identity
