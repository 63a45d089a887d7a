#pragma once
// Root sets on the wire: the trust file (RULES M14), and the newer one that an answer may carry
// (M2).

#include <optional>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/uuid.hpp"
#include "identity/keys.hpp"
#include "identity/roots.hpp"
#include "message/messages.hpp"

namespace smartlic::message {

/// What `manager init` writes and an agent pins.
struct TrustFile {
  Uuid manager;
  identity::RootSet roots;

  friend bool operator==(const TrustFile&, const TrustFile&) = default;
};

/// The file's text: JSON, with a line break at its end.
[[nodiscard]] std::string encode(const TrustFile& trust);

/// Errors: `message_too_large`, `message_malformed`, `version_unsupported`, `payload_invalid`.
[[nodiscard]] Result<TrustFile> decode_trust_file(ByteView bytes);

/// Signs a newer trust file with the key of a root that devices hold already. Done once, where the
/// root key is; every answer may carry the outcome.
[[nodiscard]] Result<RootsUpdate> seal_roots(const TrustFile& newer,
                                             const identity::PrivateKey& root_key);

/// The set in `update` if it is newer than `held`; nothing if it is not, for a manager goes on
/// sending it to everybody. Errors: `payload_invalid` for a newer one that is malformed, another
/// manager's, or signed by no held root.
[[nodiscard]] Result<std::optional<identity::RootSet>> open_roots(const RootsUpdate& update,
                                                                  const Uuid& manager,
                                                                  const identity::RootSet& held);

}  // namespace smartlic::message
