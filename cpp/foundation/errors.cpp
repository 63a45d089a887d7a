#include "foundation/errors.hpp"

namespace smartlic {
namespace {

using enum Fault;
using enum Retry;

constexpr auto keep = Effect::keep;
constexpr auto drop_authorization = Effect::drop_authorization;
constexpr auto drop_registration = Effect::drop_registration;
constexpr std::nullopt_t local = std::nullopt;  // never a refusal

// clang-format off
constexpr ErrorRow table[] = {
  // code, name, sentence, whose fault, retry, effect as a refusal, what it stops
  {Errc::invalid_argument, "invalid_argument", "A value is outside what this call accepts.", input, never, local, ""},
  {Errc::unknown_tag, "unknown_tag", "The entitlement tag is not in the catalogue.", input, after_change, local, ""},
  {Errc::passphrase_wrong, "passphrase_wrong", "The passphrase does not open the key; give the one it was saved with.", input, after_change, local, "use of a stolen state folder"},
  {Errc::command_refused, "command_refused", "The present state does not allow this command; nothing was changed.", state, after_change, local, ""},

  {Errc::message_too_large, "message_too_large", "The message is larger than 64 KiB.", trust, never, local, "memory exhaustion by size"},
  {Errc::message_malformed, "message_malformed", "The message is not a flattened JWS in strict JSON.", trust, never, local, "parser confusion: duplicate members, deep nesting, loose base64url"},
  {Errc::header_refused, "header_refused", "The JWS header is not exactly the one that this message has.", trust, never, local, "key injection by jwk, jku or x5u; a message of another type"},
  {Errc::algorithm_refused, "algorithm_refused", "The signature algorithm is not the one of the signer's key.", trust, never, local, "algorithm confusion, alg=none, weak keys"},
  {Errc::chain_untrusted, "chain_untrusted", "The signer's certificate does not lead to a pinned root by the rules.", trust, after_change, local, "a certificate of a strange or misused authority; an older signing certificate"},
  {Errc::signature_invalid, "signature_invalid", "The signature does not match the message.", trust, never, local, "forged or altered messages"},
  {Errc::audience_wrong, "audience_wrong", "The message is for, or from, another manager.", trust, after_change, local, "a message carried to another manager"},
  {Errc::binding_wrong, "binding_wrong", "The message does not belong to this product instance or to our open request.", trust, later, keep, "replayed answers, answers to another device, one instance speaking for another"},
  {Errc::certificate_expired, "certificate_expired", "A certificate of the message is not valid at the time that counts.", trust, after_change, keep, "use of an ended certificate"},
  {Errc::payload_invalid, "payload_invalid", "The payload lacks a member, or a member has the wrong type or value.", trust, after_change, keep, "half-formed or contradictory content"},

  {Errc::answer_unmatched, "answer_unmatched", "The answer belongs to no open request; it was ignored.", trust, never, local, "late, doubled and replayed answers"},
  {Errc::authorization_over, "authorization_over", "The authorization in the answer is over already; a new one is being asked for.", trust, later, local, "an old grant brought back"},

  {Errc::version_unsupported, "version_unsupported", "The manager does not speak this message version; update the product or the manager.", state, after_change, keep, ""},
  {Errc::clock_off, "clock_off", "The device's time is more than ten minutes off; the answer carries the true time.", state, at_once, keep, "requests kept back and sent later"},
  {Errc::stale, "stale", "A request with this or a higher number was decided already.", state, at_once, keep, "replayed requests"},
  {Errc::busy, "busy", "The manager is busy; it will be asked again later.", state, later, keep, ""},
  {Errc::internal, "internal", "The manager failed inside; it will be asked again later, and its log says why.", state, later, keep, ""},
  {Errc::token_unknown, "token_unknown", "The manager does not know the registration token; create one with 'smartlic manager token'.", state, after_change, keep, "guessed tokens"},
  {Errc::token_invalid, "token_invalid", "The proof of the registration token's secret is wrong; copy the token again, whole.", state, after_change, keep, "a token ID without its secret; a token moved to another request"},
  {Errc::token_expired, "token_expired", "The registration token has expired; create a new one.", state, after_change, keep, "old tokens found"},
  {Errc::token_used_up, "token_used_up", "The registration token has no uses left; create a new one.", state, after_change, keep, "one token shared by more devices than meant"},
  {Errc::token_revoked, "token_revoked", "The registration token was revoked; create a new one.", state, after_change, keep, "leaked tokens"},
  {Errc::certificate_superseded, "certificate_superseded", "A newer ID certificate of this product instance is in use; a copy of the device speaks.", state, after_change, keep, "a restored snapshot or a clone with the key of before"},
  {Errc::renewal_refused, "renewal_refused", "The ID certificate has ended and this manager allows no late renewal; register again.", state, after_change, keep, "revival of forgotten devices"},
  {Errc::entitlement_denied, "entitlement_denied", "The manager's administrator does not allow this entitlement, or the manager does not know it.", state, later, drop_authorization, "use of what was withdrawn"},
  {Errc::clone_refused, "clone_refused", "Two devices speak as this product instance; an administrator has to act on the manager.", state, later, drop_authorization, "one licence used by several copies"},
  {Errc::instance_removed, "instance_removed", "The product instance was removed from the manager; register again.", state, after_change, drop_registration, "devices that were taken out of service"},
  {Errc::certificate_revoked, "certificate_revoked", "The ID certificate was revoked by the manager's administrator; register again.", state, after_change, drop_registration, "stolen keys"},

  {Errc::unreachable, "unreachable", "The manager cannot be reached; the licence stays as it is until its period ends.", transport, later, local, ""},
  {Errc::timed_out, "timed_out", "The manager did not answer in time; the licence stays as it is until its period ends.", transport, later, local, ""},
  {Errc::tls_failed, "tls_failed", "The server's TLS certificate is not trusted; check the URL, the proxy and the TLS trust setting.", transport, after_change, local, "a machine in the middle"},
  {Errc::tls_dates, "tls_dates", "Only the dates of the server's TLS certificate do not fit; one of the two clocks is wrong.", transport, later, local, "a lying clock taken for an attack"},
  {Errc::proxy_failed, "proxy_failed", "The HTTP proxy refused or could not connect; check its address and credentials.", transport, after_change, local, ""},
  {Errc::http_status, "http_status", "The server answered with an HTTP status that is not a licence answer.", transport, later, local, "unsigned refusals by somebody on the path"},

  {Errc::not_found, "not_found", "There is nothing by that name.", input, after_change, local, ""},
  {Errc::already_exists, "already_exists", "It exists already and was not overwritten.", input, after_change, local, ""},
  {Errc::storage_failed, "storage_failed", "The file or database could not be read or written; what was there is unchanged.", storage, after_change, local, ""},
  {Errc::storage_full, "storage_full", "No space is left; what was there is unchanged.", storage, after_change, local, ""},
  {Errc::state_damaged, "state_damaged", "What was saved is damaged and was not used; restore a backup or register again.", storage, after_change, local, "edited or half-written state"},
  {Errc::state_version, "state_version", "What was saved is of another version of smartlic; use that version, or a newer one.", storage, after_change, local, ""},
  {Errc::locked, "locked", "Another process is using it; stop that one first.", storage, after_change, local, "two agents on one state folder"},
  {Errc::conflict, "conflict", "Another manager changed the same records first; it is being decided again.", storage, later, local, ""},
};
// clang-format on

constexpr bool in_order() {
  for (std::size_t at = 0; at < std::size(table); ++at) {
    if (static_cast<std::size_t>(table[at].code) != at) return false;
  }
  return static_cast<std::size_t>(Errc::conflict) + 1 == std::size(table);
}
static_assert(in_order(), "error_table has one row per Errc, in its order");

}  // namespace

std::span<const ErrorRow> error_table() { return table; }

const ErrorRow& describe(Errc code) { return table[static_cast<std::size_t>(code)]; }

std::optional<Errc> errc_from(std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

std::string_view to_string(Fault fault) {
  constexpr std::array<std::string_view, 5> names{"input", "trust", "state", "transport",
                                                  "storage"};
  return names[static_cast<std::size_t>(fault)];
}

std::string_view to_string(Retry retry) {
  constexpr std::array<std::string_view, 4> names{"never", "after_change", "later", "at_once"};
  return names[static_cast<std::size_t>(retry)];
}

std::string_view to_string(Effect effect) {
  constexpr std::array<std::string_view, 3> names{"keep", "drop_authorization",
                                                  "drop_registration"};
  return names[static_cast<std::size_t>(effect)];
}

}  // namespace smartlic
