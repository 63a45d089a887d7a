#pragma once
// What an operator wants to know of an agent, as one dict.

#include "core_types.hpp"
#include "licensing/agent.hpp"

namespace smartlic::bindings {

/// Everything that holds as of the last input. Needs the GIL.
[[nodiscard]] PlainDict agent_status(const licensing::AgentState& state,
                                     const rules::Licence& licence, UtcTime next_deadline);

}  // namespace smartlic::bindings
