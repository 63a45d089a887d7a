#pragma once
// Where a manager's trust comes from (RULES M2, M3, M6): its root, its signing certificates, and
// how both are changed without leaving a device behind. Done where the root's key is, not where the
// manager serves.
//
// Errors of all: those of identity/authority.hpp.

#include <string>
#include <vector>

#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/authority.hpp"
#include "identity/entropy.hpp"
#include "licensing/manager.hpp"
#include "message/trust_file.hpp"

namespace smartlic::licensing {

inline constexpr Ms root_lifetime = std::chrono::days{20 * 365};
inline constexpr Ms signing_lifetime = std::chrono::days{6 * 365};

/// What `manager init` asks.
struct AuthorityOrder {
  std::string root_name = "smartlic root";
  std::string logical_account = "default";  ///< S14
  identity::Algorithm algorithm = identity::Algorithm::es256;
  unsigned rsa_bits = 2048;  ///< RS256 only
};

/// A manager that never was before. The root's key is to be kept apart from the rest.
struct NewAuthority {
  identity::Signer root;
  ManagerIdentity identity;
  message::TrustFile trust;  ///< for devices (M14)
};
[[nodiscard]] Result<NewAuthority> new_authority(identity::Entropy& entropy, UtcTime now,
                                                 const AuthorityOrder& order = {});

/// A root with a new key.
[[nodiscard]] Result<identity::Signer> new_root(identity::Entropy& entropy, UtcTime now,
                                                const AuthorityOrder& order = {});

/// M6: whether a signing certificate has two lives of an ID certificate left, or less. Past one, it
/// can issue no whole one.
[[nodiscard]] bool signing_due_for_rotation(const identity::Certificate& signing, UtcTime now,
                                            Ms id_lifetime = identity::id_lifetime);

/// The same manager with a new signing key and certificate, whose serial number is one higher (M3).
/// It ends with its root if that is sooner. Errors: also `invalid_argument` for a root that the
/// manager does not hold.
[[nodiscard]] Result<ManagerIdentity> rotate_signing(const identity::Signer& root,
                                                     const ManagerIdentity& identity, UtcTime now,
                                                     const AuthorityOrder& order = {});

/// The same manager with another root set, one version higher.
struct RootSwap {
  ManagerIdentity identity;  ///< with the update that its answers spread
  message::TrustFile trust;  ///< for new devices
};

/// M2. A root is swapped in three steps, with time between for every device to ask: publish {old,
/// new} signed by the old one; `rotate_signing` with the new one; once the ID certificates of
/// before have ended, publish {new}. `held` is a root that devices hold already. Errors: also
/// `invalid_argument` if that is not so, or if the new set lacks the signing certificate's root.
[[nodiscard]] Result<RootSwap> swap_roots(const identity::Signer& held,
                                          const ManagerIdentity& identity,
                                          std::vector<identity::Certificate> roots);

}  // namespace smartlic::licensing
