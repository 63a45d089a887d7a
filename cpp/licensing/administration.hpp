#pragma once
// What an administrator may do to an instance (RULES M9, M11, P1), the same for every store.

#include <cstdint>
#include <string_view>

#include "licensing/ledger.hpp"

namespace smartlic::licensing {

enum class InstanceCommand : std::uint8_t {
  remove,              ///< a tombstone stays, so that the device is told (M9)
  revoke_certificate,  ///< refused as such; its key cannot be registered again
  refuse_copies,       ///< while a fork is suspected, nobody is served as this instance (M11)
  serve_copies,        ///< the default again
  clear_suspicion,     ///< has acted: the next state named is taken for the true one (M11)
};

/// As in the event's text: `remove`, `revoke-certificate`, …
[[nodiscard]] std::string_view to_string(InstanceCommand command);

/// Carries a command out on a record, whose revision rises. A second time it changes nothing else.
void administer(InstanceRecord& record, InstanceCommand command);

}  // namespace smartlic::licensing
