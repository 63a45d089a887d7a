#pragma once
// The manager's side of RULES M8. A request climbs in two parts, because the manager's `examine`
// has no clock and its `decide` has: `open_request` goes from size to binding, `finish_request`
// through freshness and payload.

#include <optional>
#include <span>
#include <variant>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/chain.hpp"
#include "identity/csr.hpp"
#include "message/ladder.hpp"
#include "message/messages.hpp"

namespace smartlic::message {

/// What the manager pins: itself and the roots that its signing certificates come from.
struct RequestPins {
  Uuid manager;
  const identity::RootSet& roots;
};

/// A request that passed all rungs up to binding. Its signer is proved; dates and content are not
/// checked yet.
struct OpenedRequest {
  Kind kind{};
  Bytes nonce;
  identity::Sha256 request_hash{};
  std::string key_thumbprint;                           ///< of the key that signed (RFC 7638)
  std::optional<identity::Certificate> id_certificate;  ///< the signer; none in register
  std::optional<identity::Certificate> signing_certificate;
  std::optional<Uuid> instance;  ///< the signer's; none in register
  /// Of register and renew, its own signature verified. None in others, and if it cannot be read,
  /// which `finish_request` reports in its turn.
  std::optional<identity::Csr> csr;
  /// The payload's content, or why it could not be read, which `finish_request` reports in its
  /// turn.
  Result<Request> request;
};

/// What a signed refusal needs, known once the request is known to be for this manager (M9).
struct ReplyContext {
  Bytes nonce;
  identity::Sha256 request_hash{};
};

/// Why a request was not opened. Without `reply` it gets an unsigned HTTP error, with it a signed
/// refusal (M9).
struct RequestFailure {
  Error error;
  std::optional<ReplyContext> reply;
};

class RequestOpening;
struct RequestClosing;

/// The rungs of both parts. The arrays behind the spans have to outlive it.
struct RequestLadder {
  std::span<const Rung<RequestOpening>> opening;        ///< size to binding
  std::span<const Rung<const RequestClosing>> closing;  ///< freshness, payload
};

/// All ten rungs, in the order of M8.
[[nodiscard]] RequestLadder request_ladder();

/// Climbs from size to binding. Pure but for the cache of verified chains.
[[nodiscard]] std::variant<OpenedRequest, RequestFailure> open_request(
    ByteView bytes, const RequestPins& pins, identity::ChainCache& chains,
    const RequestLadder& ladder = request_ladder());

/// Checks certificate dates at the manager's `now`, then the payload's meaning. An ID certificate
/// that has ended still renews itself for `late_renewal` after its end (E7: zero unless
/// configured). Errors: `certificate_expired`, `payload_invalid`, `version_unsupported`.
[[nodiscard]] Result<void> finish_request(const OpenedRequest& opened, UtcTime now, Ms late_renewal,
                                          const RequestLadder& ladder = request_ladder());

}  // namespace smartlic::message
