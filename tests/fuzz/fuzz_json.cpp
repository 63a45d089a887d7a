// Whatever is read is written so that it reads the same again; and the fast way of reading plain
// texts, which white space in front rules out, accepts and gives what the parser does.

#include <cstdlib>

#include "message/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smartlic;
  const auto json = message::parse_json({data, size});
  const std::string spaced = ' ' + std::string{as_text({data, size})};
  const auto parsed =
      message::parse_json(as_bytes(spaced), {.max_bytes = std::size_t{64} * 1024 + 1});
  if (json.ok() != parsed.ok()) std::abort();
  if (!json) return 0;
  if (*json != *parsed) std::abort();
  const std::string text = message::dump(*json);
  const auto again = message::parse_json(as_bytes(text), {.max_bytes = text.size()});
  if (!again || *again != *json) std::abort();
  return 0;
}
