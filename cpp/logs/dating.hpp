#pragma once
// Absolute times for a log whose lines have none: one answer in a process's run tells the manager's
// time (D2, D3), and so dates every line of that run (D6). Nothing is guessed: what no answer dates
// has bounds, or nothing.

#include <optional>
#include <span>
#include <vector>

#include "logs/entry.hpp"
#include "logs/runs.hpp"

namespace smartlic::logs {

/// What one answer tells of its run's zero.
struct Anchor {
  Ms elapsed{};    ///< of the answer
  UtcTime zero{};  ///< the run's
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

/// When a run's zero was, by the device's clock, in UTC.
struct RunDate {
  std::optional<UtcTime> zero{};
  /// What the device's times of day are ahead of UTC at the zero; none: not known, and then `zero`
  /// is by the dates that lines have, taken as UTC.
  std::optional<std::chrono::minutes> zone{};
  /// In their order. More than one where a line's own clock does not tell what has passed since
  /// the zero: with times of day alone a silent day does not show, nor does daylight saving.
  std::vector<Anchor> anchors{};
  /// Of a run that is not dated: its zero was not before and not after these.
  std::optional<UtcTime> earliest{};
  std::optional<UtcTime> latest{};
  friend bool operator==(const RunDate&, const RunDate&) = default;
};

/// When an entry was written: a time, or bounds of it.
struct Dated {
  std::optional<UtcTime> at{};
  std::optional<UtcTime> earliest{};
  std::optional<UtcTime> latest{};
  friend bool operator==(const Dated&, const Dated&) = default;
};

/// The manager's time when it gave an answer, to the second: `start_date` and 90 days, less what
/// was left of them (D3). None of other entries, and where that is no time within the 90 days.
[[nodiscard]] std::optional<UtcTime> answered(const Entry& entry);

/// One for each run. Bounds hold if the log is one device's, in the order in which it was written.
[[nodiscard]] std::vector<RunDate> date_runs(std::span<const Run> runs,
                                             std::span<const Entry> entries);

/// When the line at `elapsed` in a run was written: by its uptime, or by the answer nearest to it.
/// None, like the bounds, outside the years in which logs are written: it comes of damaged lines.
[[nodiscard]] Dated date_line(const RunDate& run, Ms elapsed);

/// When an entry was written, by what `date_runs` found.
[[nodiscard]] Dated date_entry(const Entry& entry, std::span<const RunDate> dates);

/// How far the device's clock was ahead of the manager's when an answer came (D3), to the second.
/// None of an entry that is no answer or not dated by the device's clock.
[[nodiscard]] std::optional<Ms> clock_skew(const Entry& entry, std::span<const RunDate> dates);

}  // namespace smartlic::logs
