#pragma once
// Messages with chosen faults, one for each rung of the ladder (RULES M8), alone or together.

#include <set>
#include <string>

#include "message/envelope.hpp"
#include "message/json.hpp"
#include "message/world.hpp"

namespace smartlic::message::test {

/// The rungs by name, in the order of M8.
inline constexpr std::array<std::string_view, 10> rung_names{
    "size",      "parse",    "header",  "algorithm", "chain",
    "signature", "audience", "binding", "freshness", "payload"};
inline constexpr std::array<Errc, 10> rung_codes{Errc::message_too_large,   Errc::message_malformed,
                                                 Errc::header_refused,      Errc::algorithm_refused,
                                                 Errc::chain_untrusted,     Errc::signature_invalid,
                                                 Errc::audience_wrong,      Errc::binding_wrong,
                                                 Errc::certificate_expired, Errc::payload_invalid};

/// A JWS made by hand: every part may be wrong.
struct Parts {
  Json::Object header;
  std::string payload;
  Json::Object more_members{};  ///< of the envelope
  bool flip_signature = false;

  [[nodiscard]] Bytes sealed_by(const identity::PrivateKey& key) const;
};

/// `value` with a member set or added.
[[nodiscard]] Json with(const Json& object, std::string_view member, Json value);
[[nodiscard]] Json without(const Json& object, std::string_view member);

[[nodiscard]] Json x5c(std::initializer_list<identity::Certificate> certificates);

/// A message, and all that its verification takes.
struct Case {
  Bytes message;
  OpenRequest open{};            ///< answers: the request that is open
  Bytes request{};               ///< answers: that request, sealed
  UtcTime now{};                 ///< requests: the manager's time
  std::string newest_signing{};  ///< answers: of the newest signing certificate seen
};

/// A good message taken apart, to be spoiled and sealed by hand.
[[nodiscard]] Parts parts_of(const World& world, const Request& request, const Chain& chain);
[[nodiscard]] Parts parts_of(const World& world, const Answer& answer, const Chain& chain);

/// The MMI request of the world with these rungs' faults.
[[nodiscard]] Case forge_request(const World& world, const std::set<std::string_view>& faults);
/// The answer to the MMI request of the world with these rungs' faults.
[[nodiscard]] Case forge_answer(const World& world, const std::set<std::string_view>& faults);

/// The whole way of one message; "" if it is accepted, else the error's name. Without the rung of
/// this name, if any.
[[nodiscard]] std::string outcome_of_request(const RequestPins& pins, const Case& of,
                                             std::string_view left_out = {});
[[nodiscard]] std::string outcome_of_answer(AnswerPins pins, const Case& of,
                                            std::string_view left_out = {});

}  // namespace smartlic::message::test
