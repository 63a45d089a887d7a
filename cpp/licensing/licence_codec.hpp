#pragma once
// The durable form of what a licence remembers that no answer proves: counters, dues, slots, the
// mode as last recorded.

#include "message/json.hpp"
#include "message/payload_reader.hpp"
#include "rules/licence.hpp"

namespace smartlic::licensing {

[[nodiscard]] message::Json encode(const rules::LicenceState& state);

/// Everything but `facts.authorization` and `certificate`, which follow from answers. Faults go to
/// `reader`.
[[nodiscard]] rules::LicenceState decode_licence_state(const message::Json& json,
                                                       message::PayloadReader& reader);

[[nodiscard]] message::Json encode(const rules::Event& event);
[[nodiscard]] rules::Event decode_event(const message::Json& json, message::PayloadReader& reader);

/// Milliseconds since 1970, as every payload has them.
[[nodiscard]] inline message::Json to_json(UtcTime time) {
  return message::Json{std::int64_t{time.time_since_epoch().count()}};
}

}  // namespace smartlic::licensing
