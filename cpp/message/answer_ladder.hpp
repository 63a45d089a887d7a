#pragma once
// The agent's side of RULES M8: an answer is verified against what is pinned and against the
// requests that are open.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/chain.hpp"
#include "identity/serial.hpp"
#include "message/ladder.hpp"
#include "message/messages.hpp"

namespace smartlic::message {

/// A request that waits for its answer: what an answer has to agree with. Plain data, kept in the
/// agent's state.
struct OpenRequest {
  Kind kind{};
  Bytes nonce;
  identity::Sha256 request_hash{};
  std::optional<Uuid> instance;  ///< none while registering
  std::string key_thumbprint;    ///< of the CSR's key (RFC 7638) in register and renew; else empty

  friend bool operator==(const OpenRequest&, const OpenRequest&) = default;
};

/// What an agent pins (M2-M4).
struct AnswerPins {
  Uuid manager;
  const identity::RootSet& roots;
  /// Of the newest signing certificate seen; an older one, that is a lower number, is refused.
  /// None: none seen yet.
  std::optional<identity::SerialNumber> newest_signing;
  Ms authorization = authorization_period;  ///< what `expiry` is checked against (M7)
};

/// An answer that passed the ladder.
struct VerifiedAnswer {
  Answer answer;
  identity::Certificate signing;  ///< the signer: its serial number is the new `newest_signing`
  std::size_t open_index = 0;     ///< which of the open requests it answers
  std::optional<identity::RootSet>
      newer_roots;  ///< set if the answer carried a newer set and it verified (M2)
};

class AnswerCheck;
using AnswerRung = Rung<AnswerCheck>;

/// All ten rungs, in the order of M8.
[[nodiscard]] std::span<const AnswerRung> answer_ladder();

/// Verifies one answer. Dates of certificates are checked at the answer's own `time` (T3); no clock
/// is needed. Errors: the code of the rung that refused; `binding_wrong` also means that no open
/// request fits. `version_unsupported` if all but the payload's version is right.
[[nodiscard]] Result<VerifiedAnswer> verify_answer(
    ByteView bytes, const AnswerPins& pins, std::span<const OpenRequest> open,
    identity::ChainCache& chains, std::span<const AnswerRung> ladder = answer_ladder());

}  // namespace smartlic::message
