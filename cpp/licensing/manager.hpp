#pragma once
// The manager, sans-I/O (RULES M, P; DESIGN 3).

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/authority.hpp"
#include "identity/chain.hpp"
#include "identity/entropy.hpp"
#include "licensing/ledger.hpp"
#include "message/messages.hpp"
#include "message/request_ladder.hpp"

namespace smartlic::licensing {

/// Who a manager is: all that any number of processes on one ledger share. The root's key is not
/// among it.
struct ManagerIdentity {
  Uuid manager;
  identity::RootSet roots;
  identity::Signer signing;  ///< the newest signing certificate and its key (M3)
  std::optional<message::RootsUpdate> roots_update;  ///< a newer root set to spread (M2)
  Bytes state_key;              ///< 32 secret bytes that authenticate M11's states
  std::string logical_account;  ///< whose hash is in ID certificates (S14)
};

/// What an administrator may set. The defaults are the source's and the rules'.
struct ManagerPolicy {
  Ms certificate = 360 * one_day;                       ///< S14
  Ms authorization = authorization_period;              ///< D3, E5: agents have to agree
  Ms renew_interval = 180 * one_day;                    ///< D1
  std::chrono::seconds retry_in_compliance{2592000};    ///< E8
  std::chrono::seconds retry_out_of_compliance{43200};  ///< D7
  Ms clock_tolerance = std::chrono::minutes{10};        ///< M10, online
  Ms export_validity = 30 * one_day;                    ///< M12
  Ms late_renewal{0};                                   ///< E7: off
  bool refuse_forks = false;                            ///< M11: served by default
};

/// How a request came: a file may be up to `export_validity` old (M12).
enum class Channel : std::uint8_t { online, exported };

/// A request as far as it can be judged without records or a clock.
struct Examined {
  std::variant<message::OpenedRequest, message::RequestFailure> outcome;
  Channel channel = Channel::online;
  Query query;  ///< empty for a failure
};

/// A decision. `answer` is what `seal` signs; without one the transport says `http_status` and
/// `error`, unsigned (M9).
struct Verdict {
  std::optional<message::Answer> answer;
  std::optional<Error> error;   ///< why it was refused, signed or not
  std::vector<Change> changes;  ///< to be committed before the answer leaves
};

/// The bytes for the wire. An unsigned error changes nothing at the device (E6).
struct Reply {
  int http_status = 200;
  Bytes body;
};

/// A manager in three pure steps over a batch: `examine` verifies the bytes and says which records
/// it needs; the store loads them as `Facts`; `decide` gives verdicts with their changes; the store
/// commits these, or says `conflict` and one loads and decides again; then `seal` signs the
/// answers. The manager holds no state but a cache of verified chains and its entropy. `examine`
/// and `seal` may be called from several threads at once, `decide` from one at a time.
class Manager {
 public:
  Manager(ManagerIdentity identity, const ManagerPolicy& policy,
          const identity::Entropy::Seed& seed);

  [[nodiscard]] const ManagerIdentity& identity() const { return identity_; }
  [[nodiscard]] const ManagerPolicy& policy() const { return policy_; }

  /// Verifies one request up to the rung *binding* (M8). Reads no clock.
  [[nodiscard]] Examined examine(ByteView bytes, Channel channel = Channel::online) const;

  /// Decides a batch in its order at the manager's time `now`. `facts` has every record that the
  /// queries name, if it exists; it is brought up to date, so a batch is decided as one after the
  /// other would be. The verdicts' changes build on one another and are committed together, in that
  /// order.
  [[nodiscard]] std::vector<Verdict> decide(std::span<const Examined> batch, Facts& facts,
                                            UtcTime now);

  /// A refusal of a request that no decision could be made on or kept: `busy`, `internal`. Signed
  /// if the request got far enough (M9).
  [[nodiscard]] Verdict refuse(const Examined& examined, const Error& error, UtcTime now) const;

  /// Signs a verdict's answer with the signing certificate's key. Never fails outwards: what goes
  /// wrong inside is HTTP 500.
  [[nodiscard]] Reply seal(const Verdict& verdict) const;

 private:
  ManagerIdentity identity_;
  ManagerPolicy policy_;
  identity::Entropy entropy_;
  std::unique_ptr<identity::ChainCache> chains_;
};

}  // namespace smartlic::licensing
