#pragma once
// What stands in front of a log line: a date, a time of day, a zone, the milliseconds since the
// process began (log4j's layouts; D6). Whatever of these a layout has is read, in any spelling that
// log4j and its kin write; what is not there is none.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "foundation/time.hpp"

namespace smartlic::logs {

/// When a line was written, as far as the line says.
struct Stamp {
  std::optional<std::chrono::sys_days>
      day{};                        ///< the date, in the device's zone unless `zone` says
  std::optional<Ms> time_of_day{};  ///< below 24 h
  std::optional<std::chrono::minutes> zone{};  ///< what the time is ahead of UTC
  std::optional<Ms> uptime{};                  ///< since the process began (D6)

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// A stamp, and the number of bytes that it takes with the spaces behind it.
struct Prefix {
  Stamp stamp{};
  std::size_t length = 0;
};

/// The prefix of a line; none if it has none: then it goes on what the line before it said. Read
/// are `23:43:53,400 277058 [`, `2017-05-09 13:48:28,516`, `2017-05-09T13:48:28.516+02:00`,
/// `09 May 2017 13:48:28,516`, `May 9 13:48:28`, `467 [` and `1494337382539 ` (D2), each also
/// within brackets and behind spaces.
[[nodiscard]] std::optional<Prefix> read_prefix(std::string_view line);

/// Whether a line has nothing but spaces of any kind.
[[nodiscard]] bool is_blank(std::string_view line);

}  // namespace smartlic::logs
