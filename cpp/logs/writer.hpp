#pragma once
// Writes entries as sml.log has them (S17, S18): what a device of one's own logs so that it is read
// by the same tools, and what tests read back.

#include <string>

#include "logs/entry.hpp"

namespace smartlic::logs {

/// A line, or several if the text of a failure has line ends, with the final line end. The prefix
/// is that of the entry's stamp: as much as it has, date, time of day, zone, uptime. `read` of it
/// gives the entry again, but for lines and run, if its texts have no quotes, commas or control
/// characters, and a failure has a stamp.
[[nodiscard]] std::string write_entry(const Entry& entry);

}  // namespace smartlic::logs
