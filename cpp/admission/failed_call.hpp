#pragma once
// A rejected call as one line of JSON, for the failed-call log (S11).

#include <cstddef>
#include <span>
#include <string_view>

#include "admission/gate.hpp"
#include "foundation/time.hpp"

namespace smartlic::admission {

/// Which call it was, as its INVITE says.
struct CallFacts {
  std::string_view call_id;
  std::string_view from;
  std::string_view to;
};

/// Bytes of each of the texts that are kept; a longer one is cut off.
inline constexpr std::size_t max_call_text = 256;
/// Bytes of a record at the most: every byte of a text may take six, and the rest is numbers.
inline constexpr std::size_t max_record = std::size_t{3} * 6 * max_call_text + 512;

/// Writes the record of a call rejected at `time`, with the line's end; gives its length. Texts
/// come from the network: what is not UTF-8 in them becomes U+FFFD, and none of them can end the
/// line.
[[nodiscard]] std::size_t write_record(std::span<char, max_record> out, UtcTime time,
                                       const CallFacts& call, const Decision& decision);

}  // namespace smartlic::admission
