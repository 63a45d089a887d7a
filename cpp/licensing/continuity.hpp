#pragma once
// RULES M11: whether a request goes on from the last answer that its instance was given, or from an
// older one, as a clone or a restored snapshot does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/uuid.hpp"
#include "identity/entropy.hpp"
#include "licensing/ledger.hpp"

namespace smartlic::licensing {

/// A new state for an answer: opaque to the agent, different each time, authentic to whoever has
/// the key. 43 characters of base64url.
[[nodiscard]] std::string make_state(ByteView state_key, const Uuid& instance,
                                     std::uint64_t request_no, identity::Entropy& entropy);

/// The number of the request that this state was issued for; none if it is not this instance's or
/// not ours.
[[nodiscard]] std::optional<std::uint64_t> read_state(ByteView state_key, const Uuid& instance,
                                                      std::string_view state);

/// What `acked` says about the instance.
enum class Continuity : std::uint8_t {
  continues,  ///< from the confirmed state, or one issued since
  adopted,    ///< from a state newer than all of the manager's, which was restored from a backup
  forked,     ///< from an older or voided one
};

/// Judges `acked` and confirms what it names; `record.request_no` is still the one before this
/// request. A fork changes no state.
[[nodiscard]] Continuity follow_state(InstanceRecord& record, std::string_view acked,
                                      ByteView state_key);

/// Remembers a state that an answer carries.
void add_issued_state(InstanceRecord& record, std::string state);

}  // namespace smartlic::licensing
