#pragma once
// The pinned set of roots (RULES M2). Its JSON is the message room's.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/certificate.hpp"
#include "identity/keys.hpp"

namespace smartlic::identity {

/// One to eight different roots and a version. Immutable, cheap to copy, and safe to use from
/// several threads at once.
class RootSet {
 public:
  static constexpr std::size_t max_roots = 8;

  /// Checks every root: self-signed, CA:true with room for a signing certificate below it,
  /// keyCertSign, no unknown critical extension, not in the set twice. Errors: `invalid_argument`,
  /// naming the root.
  [[nodiscard]] static Result<RootSet> make(std::uint64_t version, std::vector<Certificate> roots);

  [[nodiscard]] std::uint64_t version() const;
  [[nodiscard]] std::span<const Certificate> roots() const;
  /// SHA-256 over the roots in their order; equal sets have equal digests.
  [[nodiscard]] const Sha256& digest() const;
  /// The root that signed this certificate, by name, key identifier and signature; null if none
  /// did. Lives as long as the set.
  [[nodiscard]] const Certificate* find_issuer(const Certificate& certificate) const;
  /// Whether `newer` may take this set's place, its signature apart: the version only rises.
  [[nodiscard]] bool accepts(const RootSet& newer) const { return newer.version() > version(); }

  friend bool operator==(const RootSet& a, const RootSet& b);

 private:
  struct Impl;
  explicit RootSet(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

/// A detached JWS signature (RFC 7515, appendix F) over the exact bytes of a new root set, by the
/// key of a root that devices already hold. The protected header is
/// `{"alg":"<algorithm>","typ":"smartlic-roots+jws"}`, never sent. Errors as PrivateKey::sign.
[[nodiscard]] Result<Bytes> sign_roots_update(const PrivateKey& root_key, ByteView new_set);

/// Whether a root of `held` made that signature. Errors: `signature_invalid`.
[[nodiscard]] Result<void> verify_roots_update(const RootSet& held, ByteView new_set,
                                               ByteView signature);

}  // namespace smartlic::identity
