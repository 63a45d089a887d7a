#pragma once
// The Retry-After header (RFC 9110, 10.2.3).

#include <optional>
#include <string_view>

#include "foundation/time.hpp"

namespace smartlic::io {

/// Reads delay seconds (at most a year is returned) or an HTTP date, which is counted from `now`;
/// a date that is past gives zero. Nothing if it is neither.
[[nodiscard]] std::optional<Ms> parse_retry_after(std::string_view value, UtcTime now);

}  // namespace smartlic::io
