// Whatever is read as an agent's state is written as a text that reads back as the same, and an
// agent that goes on from it lives through a day without a fault.

#include <cstdlib>

#include "licensing/agent.hpp"

namespace {

using namespace smartlic;
using namespace smartlic::licensing;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto state = decode_agent_state({data, size}, {});
  if (!state) return 0;
  const std::string text = encode(*state);
  const auto again = decode_agent_state(as_bytes(text), {});
  if (!again || encode(*again) != text) std::abort();
  Now now = state->seen;
  auto agent = Agent::load({data, size}, identity::Entropy::Seed{1}, now);
  if (!agent) std::abort();
  now.boot += one_day;
  agent->handle_timeout(now);
  while (agent->poll_output()) {
  }
  return 0;
}
