#pragma once
// The machine's clocks, read once for each input of the core (RULES T1).

#include "foundation/result.hpp"
#include "foundation/time.hpp"

namespace smartlic::io {

/// Reads CLOCK_REALTIME (in ms), CLOCK_BOOTTIME (in ns) and the kernel's boot identity (read from
/// /proc once in a process). Errors: `storage_failed` if one of them cannot be read.
[[nodiscard]] Result<Now> read_clock();

}  // namespace smartlic::io
