#pragma once
// Certificate signing requests (S12; PKCS#10, RFC 2986).

#include <memory>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/keys.hpp"
#include "identity/udi.hpp"

namespace smartlic::identity {

/// A request in DER for a certificate of this key; the subject is the UDI as serialNumber, the rest
/// is the manager's to say. Errors: `invalid_argument` for an invalid UDI, `internal` as
/// PrivateKey::sign.
[[nodiscard]] Result<Bytes> create_csr(const PrivateKey& key, const Udi& udi);

/// A request that was read and whose own signature holds. Immutable and cheap to copy.
class Csr {
 public:
  /// Reads one request in DER with nothing after it. Requested extensions are ignored: a manager
  /// grants only RULES M6. Errors: `signature_invalid` if it is not signed by its own key,
  /// `algorithm_refused` as PublicKey, `invalid_argument` for everything else, a subject without a
  /// valid UDI included.
  [[nodiscard]] static Result<Csr> from_der(ByteView der);

  [[nodiscard]] ByteView der() const;
  [[nodiscard]] const PublicKey& public_key() const;
  [[nodiscard]] const Udi& udi() const;

 private:
  struct Impl;
  explicit Csr(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace smartlic::identity
