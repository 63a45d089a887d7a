#pragma once
// Who may sign a message: root -> signing certificate -> ID certificate (RULES M2, M3). Structure
// and signatures are one rung of the ladder (M8), dates another; nothing here asks a clock.

#include <cstddef>
#include <memory>
#include <span>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/certificate.hpp"
#include "identity/roots.hpp"

namespace smartlic::identity {

/// Whether `signing` may sign answers: issued directly by a pinned root, CA:true,
/// pathLen 0, key usage exactly keyCertSign and digitalSignature, no EKU, `urn:uuid:` of a manager
/// as its one alternative name, no unknown critical extension. Errors: `chain_untrusted`, naming
/// the clause.
[[nodiscard]] Result<void> verify_answer_signer(const Certificate& signing, const RootSet& roots);

/// Whether `leaf` may sign requests: issued by `signing`, which passes `verify_answer_signer`;
/// CA:false, key usage exactly digitalSignature, EKU exactly clientAuth, common name and the one
/// alternative name the same instance's, no unknown critical extension. Errors: `chain_untrusted`,
/// naming the clause.
[[nodiscard]] Result<void> verify_request_signer(const Certificate& leaf,
                                                 const Certificate& signing, const RootSet& roots);

/// RULES M3: a signing certificate is never older than the newest seen. Errors: `chain_untrusted`.
[[nodiscard]] Result<void> verify_not_older(const Certificate& signing,
                                            const SerialNumber& newest_seen);

/// Whether all these certificates are valid at `t`. Errors: `certificate_expired`, naming the
/// certificate and its dates.
[[nodiscard]] Result<void> dates_valid_at(std::span<const Certificate> certificates, UtcTime t);

/// A request's certificates, parsed and verified.
struct RequestChain {
  Certificate leaf;
  Certificate signing;
};

/// Remembers which chains hold, so that each is parsed and verified once (DESIGN 6). Only good ones
/// are kept, so a stranger cannot fill it; beyond the capacity the least recently used half is
/// forgotten. Safe to use from several threads at once.
class ChainCache {
 public:
  explicit ChainCache(std::size_t capacity = 16384);
  ~ChainCache();
  ChainCache(const ChainCache&) = delete;
  ChainCache& operator=(const ChainCache&) = delete;

  /// Parses and verifies as `verify_answer_signer`. Errors: its own, and `chain_untrusted` or
  /// `algorithm_refused` for what Certificate::from_der refuses.
  [[nodiscard]] Result<Certificate> answer_signer(ByteView signing_der, const RootSet& roots);
  /// Parses and verifies as `verify_request_signer`. Errors likewise.
  [[nodiscard]] Result<RequestChain> request_chain(ByteView leaf_der, ByteView signing_der,
                                                   const RootSet& roots);

  /// How many chains are remembered.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smartlic::identity
