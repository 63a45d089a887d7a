#pragma once
// The payloads' JSON (RULES M14: `v` = 1, unknown members ignored). Times are integers: `time`,
// `start_date` and `renew_interval` in milliseconds (D1, D2), `expiry`, `retry_interval` and
// `retry_after` in seconds (D3, D7). Decoding checks types and ranges that the structs need; what
// values mean together is the ladder's last rung.

#include "foundation/result.hpp"
#include "message/json.hpp"
#include "message/messages.hpp"

namespace smartlic::message {

/// The `v` of every payload.
inline constexpr std::int64_t payload_version = 1;

[[nodiscard]] Json encode(const Request& request);
[[nodiscard]] Json encode(const Answer& answer);

/// Errors: `version_unsupported` for another `v`, else `payload_invalid`, which names the member.
[[nodiscard]] Result<Request> decode_request(Kind kind, const Json& payload);

/// Reads the granting answer of this kind, or without a kind a refusal. Errors: as
/// `decode_request`.
[[nodiscard]] Result<Answer> decode_answer(std::optional<Kind> kind, const Json& payload);

}  // namespace smartlic::message
