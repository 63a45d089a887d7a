#pragma once
// The one table of everything that can go wrong (DESIGN 3): it gives the C++ code, the text, the
// Python exception class, the refusals a manager signs (RULES M9) and the rows of docs/ERRORS.md.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace smartlic {

/// One code per row of `error_table`, in its order.
enum class Errc : std::uint8_t {
  // what the caller gave, or asked for
  invalid_argument,
  unknown_tag,
  passphrase_wrong,
  command_refused,
  // the ladder (RULES M8), one code a rung
  message_too_large,
  message_malformed,
  header_refused,
  algorithm_refused,
  chain_untrusted,
  signature_invalid,
  audience_wrong,
  binding_wrong,
  certificate_expired,
  payload_invalid,
  // answers that verify and still change nothing
  answer_unmatched,
  authorization_over,
  // refusals (RULES M9) that no rung gives
  version_unsupported,
  clock_off,
  stale,
  busy,
  internal,
  token_unknown,
  token_invalid,
  token_expired,
  token_used_up,
  token_revoked,
  certificate_superseded,
  renewal_refused,
  entitlement_denied,
  clone_refused,
  instance_removed,
  certificate_revoked,
  // the way to the manager
  unreachable,
  timed_out,
  tls_failed,
  tls_dates,
  proxy_failed,
  http_status,
  // what is kept
  not_found,
  already_exists,
  storage_failed,
  storage_full,
  state_damaged,
  state_version,
  locked,
  conflict,
};

/// Whose fault it is: one Python exception class each.
enum class Fault : std::uint8_t { input, trust, state, transport, storage };

/// Whether the same request may be sent again.
enum class Retry : std::uint8_t {
  never,         ///< the same input gives the same error
  after_change,  ///< somebody has to change something first
  later,         ///< by itself, with back-off (RULES E8)
  at_once,       ///< once, with what the answer told (RULES M10)
};

/// What a signed refusal does to the device (RULES M9).
enum class Effect : std::uint8_t { keep, drop_authorization, drop_registration };

/// One row of the table.
struct ErrorRow {
  Errc code;
  std::string_view name;      ///< as in JSON, logs and `.code`
  std::string_view sentence;  ///< what happened and what to do next
  Fault fault;
  Retry retry;
  std::optional<Effect> effect;  ///< set exactly if a manager may sign a refusal with this code
  std::string_view stops;        ///< the attack or accident that the check stops; empty if none
};

[[nodiscard]] std::span<const ErrorRow> error_table();
[[nodiscard]] const ErrorRow& describe(Errc code);
[[nodiscard]] std::optional<Errc> errc_from(std::string_view name);

[[nodiscard]] inline std::string_view to_string(Errc code) { return describe(code).name; }
[[nodiscard]] std::string_view to_string(Fault fault);
[[nodiscard]] std::string_view to_string(Retry retry);
[[nodiscard]] std::string_view to_string(Effect effect);

}  // namespace smartlic
