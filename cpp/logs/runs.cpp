#include "logs/runs.hpp"

#include <algorithm>

namespace smartlic::logs {
namespace {

using namespace std::chrono_literals;

// log4j takes both numbers of a line from one clock; the rest is drift and rounding.
constexpr Ms slack = 2s;
constexpr Ms half_hour = 30min;
// Daylight saving moves a clock by an hour, on Lord Howe Island by half of one.
constexpr Ms farthest_zone_change = 1h;
// A clock that goes back by that, or less, is still on the same day.
constexpr Ms disorder = 1h;
// Lines of several threads may be written out of their order by less than that.
constexpr Ms late = 1min;
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
  const Ms rest = size % half_hour;
  return size > slack && size <= farthest_zone_change + slack &&
         std::min(rest, half_hour - rest) <= slack;
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
  const Ms moved = base_moved(stamp);
  if (moved > slack || moved < -slack) {
    // A process that has just begun is taken for a new one: it has seen no change of zone.
    if (!is_zone_change(moved) || gone < 0ms || uptime < fresh) return in_new_run(stamp, line);
    run.changes.push_back({line, uptime, moved, true});
  } else if (gone < -slack) {
    // Without dates it may be that it began at the same time of day.
    if (uptime < fresh) return in_new_run(stamp, line);
    // Both numbers went back together: the machine's clock was set back (log4j reads it for both).
    if (gone < -disorder) run.changes.push_back({line, uptime, gone, false});
  }
  *base_ += moved;
  return in_this_run(stamp, line, uptime);
}

/// How far a line's own reckoning of the run's zero is from that of the line before.
Ms RunTracker::base_moved(const Stamp& stamp) const {
  const Ms base = *stamp.time_of_day - *stamp.uptime;
  if (stamp.day && runs_.back().zero_day) return stamp.day->time_since_epoch() + base - *base_;
  return apart(*base_, base);
}

std::optional<RunTracker::Place> RunTracker::by_clock(const Stamp& stamp, const Lines& line) {
  const Ms time = *stamp.time_of_day;
  if (runs_.empty()) return in_new_run(stamp, line);
  Run& run = runs_.back();
  if (stamp.day && run.zero_day) return by_date(stamp, line);
  if (stamp.day) return in_new_run(stamp, line);
  if (run.from_start || run.zero_day) {
    // A line that lacks what the others of its run have, as one that was wrapped: the run's last
    // line is the nearest that is known.
    const Ms last = within_day(base_.value_or(time) + run.last_elapsed + shift_);
    const Ms passed = base_ ? std::max(apart(last, time), 0ms) : 0ms;
    return beside_last(line, run.last_elapsed + passed);
  }
  // Late, from before the midnight that has just passed.
  if (time > last_time_ + one_day - late) return beside_last(line, days_ - one_day + time);
  if (time < last_time_ - disorder) days_ += one_day;
  last_time_ = time;
  return in_this_run(stamp, line, days_ + time);
}

/// Places a line that has a date, and no uptime, in a run that has dates.
RunTracker::Place RunTracker::by_date(const Stamp& stamp, const Lines& line) {
  Run& run = runs_.back();
  const Ms local = stamp.day->time_since_epoch() + *stamp.time_of_day;
  if (run.from_start) return beside_last(line, local - *base_);
  const Ms shift = stamp.zone && run.zone ? *stamp.zone - *run.zone : shift_;
  const Ms elapsed = local - run.zero_day->time_since_epoch() - shift;
  if (shift != shift_) run.changes.push_back({line, elapsed, shift - shift_, true});
  shift_ = shift;
  return in_this_run(stamp, line, elapsed);
}

RunTracker::Place RunTracker::in_new_run(const Stamp& stamp, const Lines& line) {
  Run run{.first = line, .last = line};
  run.from_start = stamp.uptime.has_value();
  run.zone = stamp.zone;
  const Ms elapsed = stamp.uptime.value_or(stamp.time_of_day.value_or(0ms));
  base_.reset();
  days_ = shift_ = 0ms;
  if (stamp.time_of_day) {
    Ms zero = *stamp.time_of_day - elapsed;
    if (stamp.day) {
      zero += stamp.day->time_since_epoch();
      run.zero_day = std::chrono::floor<std::chrono::days>(UtcTime{zero});
    }
    base_ = zero;
    run.zero_time_of_day = within_day(zero);
    last_time_ = *stamp.time_of_day;
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

/// Places a line that tells less than others of its run: what it tells moves nothing.
RunTracker::Place RunTracker::beside_last(const Lines& line, Ms elapsed) {
  runs_.back().last = line;
  return {static_cast<std::uint32_t>(runs_.size() - 1), elapsed};
}

}  // namespace smartlic::logs
