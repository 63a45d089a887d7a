#pragma once
// Issuance of the four kinds of certificates. Everything is an argument: equal arguments give an
// equal TBSCertificate. Times are cut to whole seconds, the unit of X.509. No certificate outlives
// its signer.
//
// Errors of all: `invalid_argument` for a signer whose key is not its certificate's, that is no
// authority of the right kind, or that the new certificate would outlive; for names and dates that
// no certificate can carry. `internal` as PrivateKey::sign.

#include <string>
#include <vector>

#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/keys.hpp"
#include "identity/udi.hpp"

namespace smartlic::identity {

/// The life of an ID certificate (S14), and how long before its issuance it begins, for clocks that
/// are behind (RULES M6).
inline constexpr Ms id_lifetime = std::chrono::days{360};
inline constexpr Ms id_backdate = std::chrono::hours{1};

/// Who issues: a certificate and its key.
struct Signer {
  Certificate certificate;
  PrivateKey key;
};

struct RootOrder {
  std::string name;  ///< common name, 1 to 64 characters
  SerialNumber serial;
  UtcTime not_before;
  UtcTime not_after;
};
/// A self-signed root: CA:true, pathLen 1, keyCertSign, and digitalSignature because it signs root
/// sets (RULES M2).
[[nodiscard]] Result<Certificate> make_root(const PrivateKey& key, const RootOrder& order);

struct SigningOrder {
  PublicKey key;
  Uuid manager;         ///< common name and SAN URI `urn:uuid:<manager>` (RULES M4)
  SerialNumber serial;  ///< higher than that of every signing certificate before it (RULES M3)
  UtcTime not_before;
  UtcTime not_after;
};
/// A signing certificate, issued by a root: CA:true, pathLen 0, keyCertSign and digitalSignature,
/// no EKU (RULES M3).
[[nodiscard]] Result<Certificate> issue_signing(const Signer& root, const SigningOrder& order);

struct IdOrder {
  PublicKey key;
  Uuid instance;
  Udi udi;
  std::string logical_account;  ///< its name; the certificate carries the hash only
  SerialNumber serial;
  UtcTime issued_at;
  Ms lifetime = id_lifetime;  ///< from issuance
};
/// An ID certificate, issued by a signing certificate: RULES M6. A signer with too little life left
/// is `invalid_argument`, and the detail says to rotate it.
[[nodiscard]] Result<Certificate> issue_id(const Signer& signing, const IdOrder& order);

struct TlsServerOrder {
  PublicKey key;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  ///< IPv4 or IPv6, as text; one name or address at least
  SerialNumber serial;
  UtcTime not_before;
  UtcTime not_after;
};
/// The manager's TLS certificate, issued by the root, so that no message can be signed with it
/// (RULES M3).
[[nodiscard]] Result<Certificate> issue_tls_server(const Signer& root, const TlsServerOrder& order);

/// Lower-case base32 of SHA-256 of the logical account's name (RULES M6).
[[nodiscard]] std::string account_hash(std::string_view logical_account);

}  // namespace smartlic::identity
