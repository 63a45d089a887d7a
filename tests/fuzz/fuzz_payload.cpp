// Whatever payload is decoded, as any of the messages, encodes to one that decodes to the same.

#include <array>
#include <cstdlib>

#include "message/codec.hpp"

namespace {

using namespace smartlic;
using namespace smartlic::message;

template <class T, class Decode>
void check(const Result<T>& decoded, Decode decode) {
  if (!decoded) return;
  const auto again = decode(encode(*decoded));
  if (!again || !(*again == *decoded)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = parse_json({data, size});
  if (!json) return 0;
  const auto refusal = [](const Json& payload) { return decode_answer({}, payload); };
  check(refusal(*json), refusal);
  for (std::size_t at = 0; at < request_types.size(); ++at) {
    const auto kind = static_cast<Kind>(at);
    const auto request = [kind](const Json& payload) { return decode_request(kind, payload); };
    const auto answer = [kind](const Json& payload) { return decode_answer(kind, payload); };
    check(request(*json), request);
    check(answer(*json), answer);
  }
  return 0;
}
