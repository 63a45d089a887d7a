#include "logs/runs.hpp"

#include <algorithm>

namespace smartlic::logs {
namespace {

using namespace std::chrono_literals;

// log4j takes both numbers of a line from one clock; the rest is drift and rounding.
constexpr Ms slack = 2s;
constexpr Ms quarter = 15min;
// Daylight saving moves a clock by an hour at the most.
constexpr Ms farthest_zone_change = 1h;
// Lines of several threads may be written out of their order by less than that.
constexpr Ms disorder = 1h;
// A process whose time runs back to less than that has begun anew.
constexpr Ms fresh = 60s;

Ms within_day(Ms time) { return (time % one_day + one_day) % one_day; }

/// How far it is from one time of day to another, the shorter way.
Ms apart(Ms from, Ms to) {
  const Ms forward = within_day(to - from);
  return forward > one_day / 2 ? forward - one_day : forward;
}

bool is_zone_change(Ms by) {
  const Ms size = by < 0ms ? -by : by;
  const Ms rest = size % quarter;
  return size > slack && size <= farthest_zone_change + slack &&
         std::min(rest, quarter - rest) <= slack;
}

}  // namespace

std::optional<RunTracker::Place> RunTracker::place(const Stamp& stamp, const Lines& line) {
  if (stamp.uptime) return by_uptime(stamp, line);
  if (stamp.time_of_day) return by_clock(stamp, line);
  return std::nullopt;
}

std::optional<RunTracker::Place> RunTracker::by_uptime(const Stamp& stamp, const Lines& line) {
  const Ms uptime = *stamp.uptime;
  if (runs_.empty() || !runs_.back().from_start) return in_new_run(stamp, line);
  Run& run = runs_.back();
  const Ms gone = uptime - run.last_elapsed;
  if (!stamp.time_of_day || !base_) {
    if (gone < -slack) return in_new_run(stamp, line);
    return in_this_run(stamp, line, uptime);
  }
  const Ms base = within_day(*stamp.time_of_day - uptime);
  const Ms moved = apart(*base_, base);
  if (moved > slack || moved < -slack) {
    if (!is_zone_change(moved) || gone < 0ms) return in_new_run(stamp, line);
    run.changes.push_back({line, uptime, moved, true});
  } else if (gone < -slack) {
    if (uptime < fresh) return in_new_run(stamp, line);
    // Both numbers went back together: the machine's clock was set back (log4j reads it for both).
    if (gone < -disorder) run.changes.push_back({line, uptime, gone, false});
  }
  base_ = base;
  return in_this_run(stamp, line, uptime);
}

std::optional<RunTracker::Place> RunTracker::by_clock(const Stamp& stamp, const Lines& line) {
  const Ms time = *stamp.time_of_day;
  // A line that lacks what the others of its run have, as one that was wrapped: the run's last line
  // is the nearest that is known.
  if (!runs_.empty() && runs_.back().from_start && !stamp.day) {
    const auto passed = base_ ? apart(within_day(*base_ + runs_.back().last_elapsed), time) : Ms{};
    return in_this_run(stamp, line, runs_.back().last_elapsed + std::max(passed, Ms{}));
  }
  const bool dated = stamp.day.has_value();
  if (runs_.empty() || runs_.back().from_start || runs_.back().zero_day.has_value() != dated)
    return in_new_run(stamp, line);
  if (dated) return in_this_run(stamp, line, *stamp.day - *runs_.back().zero_day + time);
  if (time < last_time_ - disorder) days_ += one_day;
  last_time_ = time;
  return in_this_run(stamp, line, days_ + time);
}

RunTracker::Place RunTracker::in_new_run(const Stamp& stamp, const Lines& line) {
  Run run{.first = line, .last = line};
  run.from_start = stamp.uptime.has_value();
  run.zone = stamp.zone;
  Ms elapsed = stamp.uptime.value_or(stamp.time_of_day.value_or(0ms));
  base_.reset();
  if (stamp.time_of_day) {
    run.zero_time_of_day = run.from_start ? within_day(*stamp.time_of_day - elapsed) : 0ms;
    base_ = run.zero_time_of_day;
    days_ = 0ms;
    last_time_ = *stamp.time_of_day;
    if (stamp.day) {
      const auto zero = *stamp.day + *stamp.time_of_day - elapsed;
      run.zero_day = std::chrono::floor<std::chrono::days>(zero);
    }
  }
  run.first_elapsed = run.last_elapsed = elapsed;
  runs_.push_back(std::move(run));
  return {static_cast<std::uint32_t>(runs_.size() - 1), elapsed};
}

RunTracker::Place RunTracker::in_this_run(const Stamp& stamp, const Lines& line, Ms elapsed) {
  Run& run = runs_.back();
  run.last = line;
  run.last_elapsed = elapsed;
  if (!run.zone) run.zone = stamp.zone;
  return {static_cast<std::uint32_t>(runs_.size() - 1), elapsed};
}

}  // namespace smartlic::logs
