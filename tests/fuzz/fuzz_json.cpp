// Whatever is read is written so that it reads the same again.

#include <cstdlib>

#include "message/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smartlic;
  const auto json = message::parse_json({data, size});
  if (!json) return 0;
  const std::string text = message::dump(*json);
  const auto again = message::parse_json(as_bytes(text), {.max_bytes = text.size()});
  if (!again || *again != *json) std::abort();
  return 0;
}
