#pragma once
// From an entry's text to its fields, by the keys (D9): translated words around them, and damage
// between them, do no harm.

#include <string_view>

#include "logs/entry.hpp"

namespace smartlic::logs {

/// What the text of one entry, its lines joined, says; `from` is where the words begin that are
/// kept of a failure. Kind, level, fields, text and `damaged` are filled in. Never fails: a value
/// that cannot be read is left out and its key named.
void read_fields(std::string_view text, std::size_t from, Entry& entry);

}  // namespace smartlic::logs
