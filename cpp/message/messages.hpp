#pragma once
// The messages of RULES M5, M7 and M9 as plain values (S12-S16). Their JSON is in codec.hpp, their
// envelope in envelope.hpp, their checks in answer_ladder.hpp and request_ladder.hpp.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/errors.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/hash.hpp"
#include "identity/udi.hpp"

namespace smartlic::message {

/// The four requests, and the answer that grants each. Any of them may be refused instead.
enum class Kind : std::uint8_t { register_instance, authorize, renew, deregister };

// ---- requests

/// What every request carries.
struct RequestBase {
  Uuid manager;    ///< `aud` (M4)
  Bytes nonce;     ///< of the client; 16 bytes or more (M4)
  UtcTime time{};  ///< the device's licensing time L (M7)

  friend bool operator==(const RequestBase&, const RequestBase&) = default;
};

/// S12, M5. `token_proof` shows that the sender knows the token's secret; the secret does not
/// travel.
struct RegisterRequest {
  RequestBase base;
  std::string token_id;
  identity::Sha256 token_proof{};  ///< see `token_proof()`
  std::string software_tag;        ///< software ID tag
  identity::Udi udi;
  Bytes csr_der;  ///< PKCS #10; its key signs this request
  std::optional<std::string> hostname;

  friend bool operator==(const RegisterRequest&, const RegisterRequest&) = default;
};

/// One entitlement asked for (S15).
struct EntitlementRequest {
  std::string tag;
  std::int64_t count = 0;  ///< requested count, 1 to 10^9
  std::string version;
  std::string display_name;

  friend bool operator==(const EntitlementRequest&, const EntitlementRequest&) = default;
};

/// The MMI request (S15, M7). No entitlements: the usage is released (E9).
struct AuthorizeRequest {
  RequestBase base;
  Uuid instance;
  std::uint64_t request_no = 0;  ///< strictly rising (M10)
  std::string acked;             ///< `state` of the last answer applied; empty if none (M11)
  std::string signing_serial;    ///< of the signing certificate in the header (S15)
  std::vector<EntitlementRequest> entitlements;  ///< at most 64, tags unique

  friend bool operator==(const AuthorizeRequest&, const AuthorizeRequest&) = default;
};

/// Asks for a new ID certificate, signed by the old one's key; the CSR's key is fresh (M13).
struct RenewRequest {
  RequestBase base;
  Uuid instance;
  std::uint64_t request_no = 0;
  Bytes csr_der;

  friend bool operator==(const RenewRequest&, const RenewRequest&) = default;
};

/// Gives the registration back.
struct DeregisterRequest {
  RequestBase base;
  Uuid instance;
  std::uint64_t request_no = 0;

  friend bool operator==(const DeregisterRequest&, const DeregisterRequest&) = default;
};

/// In the order of `Kind`.
using Request = std::variant<RegisterRequest, AuthorizeRequest, RenewRequest, DeregisterRequest>;

// ---- answers

/// A newer trust file and the signature by a root of an older one (M2); see trust_file.hpp.
struct RootsUpdate {
  Bytes trust_file;
  Bytes signature;

  friend bool operator==(const RootsUpdate&, const RootsUpdate&) = default;
};

/// What every answer carries (M4), refusals too.
struct AnswerBase {
  Uuid manager;                      ///< `iss`
  Bytes nonce;                       ///< the request's
  identity::Sha256 request_hash{};   ///< SHA-256 of the request's signing input
  UtcTime time{};                    ///< the manager's time (T2)
  std::optional<RootsUpdate> roots;  ///< if the manager has a newer root set to spread

  friend bool operator==(const AnswerBase&, const AnswerBase&) = default;
};

/// A new ID certificate and what belongs to it (S13); part of two answers.
struct Issued {
  identity::Certificate id_certificate;
  identity::Certificate signing_certificate;  ///< the issuer of `id_certificate`
  Ms renew_interval{};                        ///< ask for renewal after this (D1)

  friend bool operator==(const Issued&, const Issued&) = default;
};

/// S13.
struct RegisterAnswer {
  AnswerBase base;
  Uuid instance;
  Issued issued;
  std::string virtual_account;

  friend bool operator==(const RegisterAnswer&, const RegisterAnswer&) = default;
};

/// Compliance status (S2, S3).
enum class ComplianceStatus : std::uint8_t { InCompliance, OutOfCompliance };

[[nodiscard]] std::string_view to_string(ComplianceStatus status);

struct TagStatus {
  std::string tag;
  ComplianceStatus status{};

  friend bool operator==(const TagStatus&, const TagStatus&) = default;
};

/// The MMI answer (S16, M7).
struct AuthorizeAnswer {
  AnswerBase base;
  Uuid instance;
  ComplianceStatus status{};    ///< the worst tag's (P2)
  std::vector<TagStatus> tags;  ///< tags unique
  UtcTime start_date{};         ///< the manager's time of decision (D2)
  std::chrono::seconds
      expiry{};  ///< whole seconds left of the authorization period at `base.time` (D3)
  std::chrono::seconds retry_interval{};  ///< ask again after this (D7); the agent clamps it (E8)
  std::string state;                      ///< opaque; to be named in `acked` (M11)

  friend bool operator==(const AuthorizeAnswer&, const AuthorizeAnswer&) = default;
};

struct RenewAnswer {
  AnswerBase base;
  Uuid instance;
  Issued issued;

  friend bool operator==(const RenewAnswer&, const RenewAnswer&) = default;
};

struct DeregisterAnswer {
  AnswerBase base;
  Uuid instance;

  friend bool operator==(const DeregisterAnswer&, const DeregisterAnswer&) = default;
};

/// A signed refusal of any request (M9). What it does is the `effect` of its code's row in the
/// error table.
struct Refusal {
  AnswerBase base;
  Errc code{};       ///< one whose row has an effect
  std::string text;  ///< for people
  std::optional<std::chrono::seconds> retry_after;
  std::optional<std::uint64_t> highest_request_no;  ///< with `stale` (M10)

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// The granting answers in the order of `Kind`, then the refusal.
using Answer =
    std::variant<RegisterAnswer, AuthorizeAnswer, RenewAnswer, DeregisterAnswer, Refusal>;

// ---- what all have

/// The message's name in `typ`: `smartlic-<name>+jws` (M1). Answers in the order of `Answer`.
inline constexpr std::array<std::string_view, 4> request_types{"register", "authorize", "renew",
                                                               "deregister"};
inline constexpr std::array<std::string_view, 5> answer_types{"registered", "authorized", "renewed",
                                                              "deregistered", "refused"};

/// `register`, `authorize`, `renew`, `deregister`.
[[nodiscard]] constexpr std::string_view to_string(Kind kind) {
  return request_types[static_cast<std::size_t>(kind)];
}

[[nodiscard]] Kind kind_of(const Request& request);
/// None for a refusal, which answers any request.
[[nodiscard]] std::optional<Kind> kind_of(const Answer& answer);

[[nodiscard]] const RequestBase& base_of(const Request& request);
[[nodiscard]] const AnswerBase& base_of(const Answer& answer);

/// The instance that speaks; none in a registration.
[[nodiscard]] std::optional<Uuid> instance_of(const Request& request);
/// The instance that is spoken to; none in a refusal.
[[nodiscard]] std::optional<Uuid> instance_of(const Answer& answer);

/// M5: HMAC-SHA-256 under `secret_hash` = SHA-256(secret), of SHA-256(csr) (32 bytes) || nonce ||
/// manager (16 bytes). The manager stores `secret_hash` only and compares with
/// `identity::constant_time_equal`.
[[nodiscard]] identity::Sha256 token_proof(const identity::Sha256& secret_hash, ByteView csr_der,
                                           ByteView nonce, const Uuid& manager);

}  // namespace smartlic::message
