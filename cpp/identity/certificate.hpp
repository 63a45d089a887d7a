#pragma once
// X.509 certificates, read strictly and without a clock.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/hash.hpp"
#include "identity/public_key.hpp"
#include "identity/serial.hpp"

namespace smartlic::identity {

/// Bits of the key usage extension (RFC 5280, 4.2.1.3) that our certificates have.
namespace key_usage {
inline constexpr std::uint16_t digital_signature = 0x0080;
inline constexpr std::uint16_t key_cert_sign = 0x0004;
}  // namespace key_usage

/// Purposes of the extended key usage extension (RFC 5280, 4.2.1.12).
namespace ext_key_usage {
inline constexpr std::string_view server_auth = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view client_auth = "1.3.6.1.5.5.7.3.2";
}  // namespace ext_key_usage

/// A parsed certificate: facts only; whether to trust it is chain.hpp's business. Immutable, cheap
/// to copy, and safe to use from several threads at once.
class Certificate {
 public:
  /// Reads one version 3 certificate in DER, with nothing after it, whose key and signature
  /// algorithm are of the two that we know. Errors: `algorithm_refused` for others,
  /// `invalid_argument` for everything else that is wrong.
  [[nodiscard]] static Result<Certificate> from_der(ByteView der);
  /// Reads the one `CERTIFICATE` block of a PEM text. Errors as `from_der`.
  [[nodiscard]] static Result<Certificate> from_pem(std::string_view text);

  [[nodiscard]] ByteView der() const;
  /// The part that is signed; equal arguments give equal bytes, whatever the signature
  /// (authority.hpp).
  [[nodiscard]] ByteView tbs_der() const;
  [[nodiscard]] std::string pem() const;
  /// SHA-256 of the DER.
  [[nodiscard]] const Sha256& fingerprint() const;

  [[nodiscard]] const SerialNumber& serial() const;
  /// The one common name; empty if there is none or more than one.
  [[nodiscard]] const std::string& common_name() const;
  /// The one serialNumber attribute of the subject: the UDI (S14). Empty if there is none or more
  /// than one.
  [[nodiscard]] const std::string& subject_serial_number() const;
  /// The most specific domain component: the hash of the logical account (RULES M6). Empty if there
  /// is none.
  [[nodiscard]] const std::string& domain_hash() const;
  /// Subject and issuer as DER; names are compared by their bytes.
  [[nodiscard]] ByteView subject_der() const;
  [[nodiscard]] ByteView issuer_der() const;

  [[nodiscard]] UtcTime not_before() const;
  [[nodiscard]] UtcTime not_after() const;
  /// not_before <= t < not_after: the end is a deadline (RULES E3), where RFC 5280 would still take
  /// it.
  [[nodiscard]] bool valid_at(UtcTime t) const { return not_before() <= t && t < not_after(); }

  [[nodiscard]] const PublicKey& public_key() const;
  /// The algorithm that signed this certificate, that is the issuer's.
  [[nodiscard]] Algorithm signature_algorithm() const;
  /// Whether the signature is by `issuer`'s key. Names, profile and dates are not looked at.
  [[nodiscard]] bool signed_by(const PublicKey& issuer) const;
  /// Whether `issuer` issued this certificate: its name, its key identifier where both have one,
  /// and its signature. Profile and dates are not looked at.
  [[nodiscard]] bool issued_by(const Certificate& issuer) const;

  /// Basic constraints: whether they are present, what they say, and how many authorities may
  /// follow.
  [[nodiscard]] bool has_basic_constraints() const;
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] std::optional<std::uint32_t> path_len() const;
  /// Bits as in `key_usage`; none if the extension is absent.
  [[nodiscard]] std::uint16_t key_usages() const;
  /// Dotted object identifiers; empty if the extension is absent.
  [[nodiscard]] std::span<const std::string> ext_key_usages() const;
  /// The URIs among the subject's alternative names.
  [[nodiscard]] std::span<const std::string> san_uris() const;
  /// The UUID of a certificate whose one alternative name is `urn:uuid:<UUID>`: a product
  /// instance's (RULES M6) or a manager's (M4).
  [[nodiscard]] std::optional<Uuid> urn_uuid() const;
  /// Key identifiers; empty if absent.
  [[nodiscard]] ByteView subject_key_id() const;
  [[nodiscard]] ByteView authority_key_id() const;
  /// Whether an extension that we do not know is marked critical.
  [[nodiscard]] bool has_unknown_critical() const;

  /// Certificates are equal if their DER is.
  friend bool operator==(const Certificate& a, const Certificate& b);

 private:
  struct Impl;
  explicit Certificate(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace smartlic::identity
