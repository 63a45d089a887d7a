#pragma once
// Everything an agent remembers, and its durable form (JSON). What an answer proved is not saved as
// such: the answer is kept verbatim with its request and the root set it was accepted under, and on
// load the ladder runs again (RULES M8, T3).

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/certificate.hpp"
#include "identity/entropy.hpp"
#include "identity/keys.hpp"
#include "identity/udi.hpp"
#include "message/answer_ladder.hpp"
#include "message/messages.hpp"
#include "message/trust_file.hpp"
#include "rules/licence.hpp"

namespace smartlic::licensing {

/// What the product is. Nothing of it needs hardware: containers inject it.
struct AgentConfig {
  identity::Udi udi;
  std::string software_tag;  ///< software ID tag (S12)
  std::optional<std::string> hostname;
  identity::Algorithm algorithm = identity::Algorithm::es256;
  unsigned rsa_bits = 2048;
  rules::Periods periods;
};

/// A private key and its durable form, made once because encryption is slow on purpose.
struct StoredKey {
  identity::PrivateKey key;
  std::string pem;

  /// Encrypts under the passphrase; an empty one leaves the key in clear. Errors: `internal`.
  [[nodiscard]] static Result<StoredKey> make(identity::PrivateKey key, std::string_view passphrase,
                                              identity::Entropy& entropy);
};

/// The token of a pending registration: its ID, and the hash that keys the proof (M5).
struct PendingToken {
  std::string id;
  identity::Sha256 secret_hash{};
};

/// An accepted answer, verbatim, with what it was accepted against.
struct Proof {
  Bytes request;
  Bytes answer;
  message::TrustFile trust;
};

/// An open request in full (M8).
struct OpenDetails {
  message::OpenRequest open;
  Bytes sealed;
  Now asked;
  UtcTime asked_at{};            ///< licensing time
  std::uint64_t request_no = 0;  ///< M10; 0 for a registration
};

/// Who this product instance is at its manager; follows from `identity_proof`.
struct Identity {
  Uuid instance;
  identity::Certificate id_certificate;
  identity::Certificate signing_certificate;
  std::string virtual_account;
};

/// What was ignored or refused by the ladder, for the operator (E9).
struct AgentCounters {
  std::uint64_t answers_invalid = 0;
  std::uint64_t answers_unmatched = 0;
};

inline constexpr std::size_t kept_events = 64;

struct AgentState {
  AgentConfig config;
  std::optional<message::TrustFile> trust;
  std::optional<identity::SerialNumber> newest_signing;
  UtcTime licensing{};  ///< RULES T1: L at `seen`
  Now seen;
  rules::LicenceState licence;
  std::optional<StoredKey> key;
  /// Keys whose certificates have not come yet. Each waits until it has one, so that a repeated
  /// request carries the same CSR key (M13); after the certificate's end both are asked for (E7).
  std::optional<StoredKey> registration_key;
  std::optional<StoredKey> renewal_key;
  std::optional<PendingToken> token;
  std::vector<message::EntitlementRequest> requested;
  std::optional<std::vector<message::EntitlementRequest>>
      answered;  ///< follows from `authorization_proof`
  std::optional<Identity> identity;
  std::optional<Proof> identity_proof;
  std::optional<Proof> authorization_proof;
  std::array<std::optional<OpenDetails>, 2> open;  ///< by Slot
  std::uint64_t request_no = 0;                    ///< the highest used (M10)
  std::string acked;                               ///< M11
  AgentCounters counters;
  UtcTime mode_since{};
  rules::Cause mode_cause = rules::Cause::none;
  std::deque<rules::Event> recent;  ///< the newest `kept_events`
};

/// One JSON text; every secret in it is a key in its stored form or a token's hash.
[[nodiscard]] std::string encode(const AgentState& state);

/// Reads `encode`'s text and verifies what it claims. Errors: `state_damaged` (also if an answer in
/// it does not verify), `state_version`, `passphrase_wrong`.
[[nodiscard]] Result<AgentState> decode_agent_state(ByteView text, std::string_view passphrase,
                                                    const rules::Periods& periods = {});

/// The certificate's facts for the licence, `renew_interval` clamped (E7, E8).
[[nodiscard]] rules::CertificateFacts certificate_facts(const message::Issued& issued,
                                                        const rules::Periods& periods);

/// What an authorization request of our own asks for; nothing if it is none.
[[nodiscard]] std::vector<message::EntitlementRequest> entitlements_of(ByteView sealed);

}  // namespace smartlic::licensing
