#pragma once
// The process's runs within a log, told by their lines' stamps (D6): the time of day at which the
// process began is the same in all lines of a run.

#include <cstdint>
#include <optional>
#include <vector>

#include "logs/entry.hpp"

namespace smartlic::logs {

/// The device's clock moved against the process's: a change of its zone (daylight saving), or a
/// clock that was set.
struct ClockChange {
  Lines line{};       ///< the first that shows it
  Ms elapsed{};       ///< of that line
  Ms by{};            ///< forward if positive
  bool zone = false;  ///< half an hour, or one: the times of day moved, not the time
  friend bool operator==(const ClockChange&, const ClockChange&) = default;
};

/// The lines of one run of the process. Its zero is when the process began if lines tell the time
/// since then (`from_start`), else the midnight before its first line.
struct Run {
  Lines first{};
  Lines last{};
  Ms first_elapsed{};  ///< since the zero
  Ms last_elapsed{};
  bool from_start = false;
  std::optional<Ms> zero_time_of_day{};             ///< of the device's clock at the zero
  std::optional<std::chrono::sys_days> zero_day{};  ///< its date then, where lines have dates
  std::optional<std::chrono::minutes> zone{};       ///< where lines have it
  std::vector<ClockChange> changes{};
  friend bool operator==(const Run&, const Run&) = default;
};

/// Sorts the lines of a log, in their order, into runs.
class RunTracker {
 public:
  /// Where a line stands that has this stamp; none if the stamp says nothing that would tell.
  struct Place {
    std::uint32_t run = 0;
    Ms elapsed{};
  };
  std::optional<Place> place(const Stamp& stamp, const Lines& line);

  [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }

 private:
  Place in_new_run(const Stamp& stamp, const Lines& line);
  std::optional<Place> by_uptime(const Stamp& stamp, const Lines& line);
  std::optional<Place> by_clock(const Stamp& stamp, const Lines& line);
  Place by_date(const Stamp& stamp, const Lines& line);
  Place in_this_run(const Stamp& stamp, const Lines& line, Ms elapsed);
  Place beside_last(const Lines& line, Ms elapsed);
  [[nodiscard]] Ms base_moved(const Stamp& stamp) const;

  std::vector<Run> runs_{};
  std::optional<Ms> base_{};  // the clock at the zero by the run's last line: it may drift. Since
                              // 1970 in a run with dates, else since some midnight
  Ms shift_{};                // what the zone that dated lines name has moved by since the zero
  Ms days_{};                 // midnights since the zero of a run that has only times of day, as Ms
  Ms last_time_{};            // time of day of its last line
};

}  // namespace smartlic::logs
