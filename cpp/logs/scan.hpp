#pragma once
// The first look at a line: does it have anything to do with licences? Most lines have not, and a
// log of a gigabyte is read at the speed of this.

#include <string_view>

namespace smartlic::logs {

/// Whether the text has one of the words that entries are told by: the keys of S17 and S18, or the
/// words of a failure. The `slack` bytes behind its end may be read too, and are not looked at.
[[nodiscard]] bool may_tell(std::string_view text, std::size_t slack = 0);

/// Whether the text has one of those keys.
[[nodiscard]] bool tells_key(std::string_view text);

/// Whether the text says that something failed: a level of ERROR or FATAL, `fail`, `exception`.
[[nodiscard]] bool tells_failure(std::string_view text);

}  // namespace smartlic::logs
