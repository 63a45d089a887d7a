#pragma once
// The rungs that look at the envelope alone, the same for requests and answers (RULES M1, M8).

#include <cstddef>

#include "foundation/bytes.hpp"
#include "identity/public_key.hpp"
#include "message/envelope.hpp"
#include "message/json.hpp"
#include "message/ladder.hpp"

namespace smartlic::message {

/// At most 64 KiB.
[[nodiscard]] Fault check_size(ByteView bytes);

/// Reads the envelope into `out`.
[[nodiscard]] Fault check_parse(ByteView bytes, Envelope& out);

/// Nothing but the members of M1: `certificates` of them in `x5c`, or if zero a `kid` instead.
[[nodiscard]] Fault check_members(const Envelope& envelope, std::size_t certificates);

/// `alg` is the key's own. Without a key there is nothing to compare; the chain rung refuses then.
[[nodiscard]] Fault check_algorithm(const Envelope& envelope, const identity::PublicKey* key);

/// The signature is the key's, by the key's algorithm whatever the header says.
[[nodiscard]] Fault check_signature(const Envelope& envelope, const identity::PublicKey* key);

/// The payload's JSON; null if it is none, so that the rung that misses a member says so.
[[nodiscard]] Json read_payload(const Envelope& envelope);

/// A nonce as RULES M4 wants it: 16 bytes or more, and at most 64, since answers repeat it.
[[nodiscard]] std::optional<Bytes> read_nonce(const Json& payload);

}  // namespace smartlic::message
