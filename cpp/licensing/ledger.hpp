#pragma once
// What a manager keeps, as plain records, and the traffic between its decisions and a store:
// queries out, facts in, changes out with their preconditions (DESIGN 3). MemoryLedger keeps them
// in memory; SqlLedger (Python) in a database.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/hash.hpp"

namespace smartlic::licensing {

/// A registration token (RULES P3, M5). Its secret was shown once; only its hash is kept.
struct TokenRecord {
  std::string id;
  identity::Sha256 secret_hash{};
  std::string virtual_account;
  UtcTime expires = never;
  std::int64_t max_uses = 1;
  std::int64_t uses = 0;
  bool revoked = false;

  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

/// Whether an instance is served. The two others are tombstones: their keys never match again
/// (M13).
enum class InstanceStatus : std::uint8_t { active, removed, deregistered };

/// What one instance uses of one tag (P1).
struct TagUsage {
  std::string tag;
  std::int64_t count = 0;
  friend bool operator==(const TagUsage&, const TagUsage&) = default;
};

/// One product instance, whole. `revision` rises with every change and is the precondition of the
/// next.
struct InstanceRecord {
  Uuid instance;
  std::uint64_t revision = 0;  ///< 0: not in the store yet
  InstanceStatus status = InstanceStatus::active;
  std::string virtual_account;
  std::string udi;
  std::string software_tag;
  std::string hostname;
  UtcTime registered{};
  UtcTime last_seen{};

  /// The ID certificate in use, and one issued after it whose first message has not come yet (M13).
  std::optional<identity::Certificate> certificate;
  bool certificate_used = false;
  std::optional<identity::Certificate> next_certificate;
  bool revoked = false;  ///< by an administrator: refused as `certificate_revoked`
  /// M13's match: of the registrations that issued the two certificates; empty for a renewal's or
  /// an adopted one.
  std::string token_id;
  std::string next_token_id;

  /// M10: the highest number decided, the request's hash, and the decision, ready to be sealed
  /// again.
  std::uint64_t request_no = 0;
  identity::Sha256 request_hash{};
  std::string decision;  ///< JSON, see ledger_codec.hpp; empty if none

  /// M11: the state confirmed by a later request, and those issued since.
  std::string confirmed_state;
  std::vector<std::string> issued_states;
  /// The next state named is taken as it comes: after an adoption or a new registration, or once an
  /// administrator has acted.
  bool state_unknown = false;
  bool fork_suspected = false;   ///< alarmed; cleared by an administrator
  bool superseded_seen = false;  ///< the same, for a certificate of before
  bool refuse_forks = false;     ///< an administrator wants copies refused

  /// P1: the latest request, and when its usage ends.
  std::vector<TagUsage> usage;
  UtcTime authorization_end{};  ///< of its own period
  UtcTime usage_until{};
  bool out_of_compliance = false;

  friend bool operator==(const InstanceRecord&, const InstanceRecord&) = default;
};

/// P1: what an instance uses of a tag at `at`: its latest count, until the usage ends.
[[nodiscard]] inline std::int64_t usage_at(const InstanceRecord& record, std::string_view tag,
                                           UtcTime at) {
  if (at >= record.usage_until) return 0;
  for (const auto& each : record.usage) {
    if (each.tag == tag) return each.count;
  }
  return 0;
}

/// What one request needs to be decided.
struct Query {
  std::optional<Uuid> instance;   ///< the signer
  std::string token_id;           ///< register
  std::string key_thumbprint;     ///< register, renew: of the CSR's key; its instance is wanted too
  std::string udi;                ///< register
  std::vector<std::string> tags;  ///< authorize

  friend bool operator==(const Query&, const Query&) = default;
};

/// A tag in a virtual account.
using PoolKey = std::pair<std::string, std::string>;  // virtual account, tag

struct PoolFacts {
  std::int64_t purchased = 0;  ///< valid now
  std::int64_t in_use = 0;     ///< by all instances whose usage has not ended now
  bool blocked = false;        ///< by an administrator (M9)
  friend bool operator==(const PoolFacts&, const PoolFacts&) = default;
};

/// The end of the event chain (P4).
struct ChainHead {
  std::uint64_t sequence = 0;  ///< of the newest event; 0: none
  identity::Sha256 hash{};
  friend bool operator==(const ChainHead&, const ChainHead&) = default;
};

/// Records of a batch of requests. `decide` reads them and writes its changes back into them, so
/// that later requests of the batch see the earlier ones. A tag that the catalogue does not have is
/// not in `known_tags`.
struct Facts {
  std::map<std::string, TokenRecord> tokens;  ///< by ID
  std::map<Uuid, InstanceRecord> instances;
  std::map<std::string, Uuid>
      instances_by_key;  ///< active ones, by thumbprint of either certificate's key
  std::map<std::string, std::set<Uuid>> instances_by_udi;  ///< active ones
  /// Every account (of an instance or token of the batch, and the default one) x every tag of the
  /// batch.
  std::map<PoolKey, PoolFacts> pools;
  std::set<std::string> known_tags;
  std::string default_account;
  ChainHead head;
};

/// Administrative and security events of the manager (P4).
enum class LedgerEventKind : std::uint8_t {
  registered,
  deregistered,
  duplicate_udi,
  fork_suspected,
  copy_refused,
  certificate_superseded,
  late_renewal,
  instance_adopted,  ///< the manager was restored from a backup (M9)
  state_adopted,     ///< the same, seen by a newer state (M11)
  entitlement_denied,
  administration,  ///< a command of the administrator; the text says which
};

/// One link of the chain: `hash` covers everything else and the link before (P4; see
/// event_chain.hpp).
struct LedgerEvent {
  std::uint64_t sequence = 0;
  UtcTime at{};
  LedgerEventKind kind{};
  std::string subject;  ///< the instance, token, account or tag that it is about
  std::string text;     ///< for people
  identity::Sha256 previous{};
  identity::Sha256 hash{};
  friend bool operator==(const LedgerEvent&, const LedgerEvent&) = default;
};

/// Put this record in place of the one with `expected_revision` (0: there must be none by that
/// instance).
struct PutInstance {
  InstanceRecord record;
  std::uint64_t expected_revision = 0;
};

/// Count one use, provided that `uses` is still what it was.
struct SpendToken {
  std::string id;
  std::int64_t expected_uses = 0;
};

/// Append to the chain, provided that its head is still the link before.
struct AppendEvent {
  LedgerEvent event;
};

/// In the order in which they are to be made, all in one transaction; a failed precondition is
/// `conflict` and undoes all.
using Change = std::variant<PutInstance, SpendToken, AppendEvent>;

}  // namespace smartlic::licensing
