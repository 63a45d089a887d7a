#pragma once
// The manager's events as a hash chain with signed checkpoints (RULES P4).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/authority.hpp"
#include "identity/roots.hpp"
#include "licensing/ledger.hpp"

namespace smartlic::licensing {

/// As in JSON and in the ledger: `registered`, `duplicate_udi`, …
[[nodiscard]] std::string_view to_string(LedgerEventKind kind);
[[nodiscard]] std::optional<LedgerEventKind> ledger_event_kind_from(std::string_view name);

/// Makes the next link and moves the head to it.
[[nodiscard]] LedgerEvent append(ChainHead& head, UtcTime at, LedgerEventKind kind,
                                 std::string subject, std::string text);

/// SHA-256 of everything in the event but its own hash.
[[nodiscard]] identity::Sha256 hash_of(const LedgerEvent& event);

/// What a look at a chain showed.
struct ChainReport {
  bool intact = false;
  std::optional<std::uint64_t> first_bad;  ///< the first sequence number that is wrong or missing
  ChainHead head;                          ///< of the events looked at; the start if there are none
  std::string sentence;                    ///< what is proved, and what cannot be
};

/// Checks events that follow one another. `known` are heads kept elsewhere, as checkpoints: one
/// just before the first event anchors the beginning, one at or after the last event shows that
/// nothing was cut off. Without any, a chain that somebody wrote anew from its beginning, or cut
/// off at its end, looks as good as the true one, and the sentence says so.
[[nodiscard]] ChainReport verify_chain(std::span<const LedgerEvent> events,
                                       std::span<const ChainHead> known = {});

/// A head of the chain, as a manager vouched for it.
struct Checkpoint {
  Uuid manager;
  ChainHead head;
  UtcTime at{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// A JWS (`smartlic-checkpoint+jws`) by the signing certificate's key, to be kept where the
/// manager's administrator cannot write. Errors: `internal`.
[[nodiscard]] Result<Bytes> sign_checkpoint(const Checkpoint& checkpoint,
                                            const identity::Signer& signing);

/// Reads a checkpoint of this manager; the signer's dates are checked at the checkpoint's own time.
/// Errors: those of the ladder (M8).
[[nodiscard]] Result<Checkpoint> verify_checkpoint(ByteView bytes, const Uuid& manager,
                                                   const identity::RootSet& roots);

}  // namespace smartlic::licensing
