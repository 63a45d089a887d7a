#include "logs/dating.hpp"

#include <algorithm>
#include <iterator>
#include <ratio>

namespace smartlic::logs {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

using HalfHours = std::chrono::duration<std::int64_t, std::ratio<1800>>;

// Zones lie from 10 hours behind UTC (Hawaii) to 13 ahead (New Zealand's summer); a time of day
// alone tells no more than one day's worth of them. A clock that is off moves no zone round.
constexpr Ms least_ahead = -10h - 30min;

/// The zone nearest to what a clock is ahead of UTC. Zones are whole or half hours but for those of
/// Nepal, Eucla and the Chatham Islands; what is left is the clock's being off.
minutes nearest_zone(Ms ahead) {
  minutes found = std::chrono::round<HalfHours>(ahead);
  for (const minutes quarter : {5h + 45min, 8h + 45min, 12h + 45min, 13h + 45min}) {
    if (std::chrono::abs(ahead - quarter) < std::chrono::abs(ahead - found)) found = quarter;
  }
  return found;
}

/// The zone of a clock that shows a time of day at a time in UTC.
minutes zone_of(Ms time_of_day, UtcTime time) {
  const Ms ahead = time_of_day - (time - floor<days>(time));
  return nearest_zone(((ahead - least_ahead) % one_day + one_day) % one_day + least_ahead);
}

/// What the zone had moved by since the run's zero.
minutes moved(const Run& run, Ms elapsed) {
  Ms sum{};
  for (const ClockChange& change : run.changes) {
    if (change.zone && change.elapsed <= elapsed) sum += change.by;
  }
  return std::chrono::round<minutes>(sum);
}

/// The time in UTC that is nearest to `near` and has this time of day in the zone.
UtcTime nearest(Ms time_of_day, minutes zone, UtcTime near) {
  const UtcTime first = floor<days>(near) + time_of_day - zone;
  return first + std::chrono::round<days>(near - first);
}

/// The zone in which an answer's line was written; none: its date is too far off for one, so the
/// clock is wrong.
std::optional<minutes> zone_at(const Run& run, const Entry& answer) {
  const UtcTime manager = *answered(answer);
  const minutes change = moved(run, answer.elapsed);
  if (answer.stamp.zone) return answer.stamp.zone;
  if (run.zone) return *run.zone + change;
  if (!run.zero_day) return zone_of(*answer.stamp.time_of_day, manager);
  constexpr Ms farthest = 14h + 7min;
  const UtcTime zero = *run.zero_day + run.zero_time_of_day.value_or(0ms);
  const Ms ahead = zero + answer.elapsed + change - manager;
  if (ahead > farthest || ahead < -farthest) return std::nullopt;
  return nearest_zone(ahead);
}

/// What an answer tells of its run's zero.
std::optional<Anchor> anchor(const Run& run, const Entry& answer) {
  const UtcTime manager = *answered(answer);
  if (!answer.stamp.time_of_day) return Anchor{answer.elapsed, manager - answer.elapsed};
  const auto zone = zone_at(run, answer);
  if (!zone) return std::nullopt;
  if (!run.zero_day) {
    return Anchor{answer.elapsed,
                  nearest(*answer.stamp.time_of_day, *zone, manager) - answer.elapsed};
  }
  return Anchor{answer.elapsed, *run.zero_day + run.zero_time_of_day.value_or(0ms) +
                                    moved(run, answer.elapsed) - *zone};
}

/// Dates a run by an answer in it.
void date_run(const Run& run, const Entry& answer, RunDate& date) {
  // Uptime tells by itself what has passed: one answer is enough.
  const bool enough = run.from_start || (run.zero_day && run.zone);
  if (enough && !date.anchors.empty()) return;
  const auto found = anchor(run, answer);
  if (!found) return;
  date.anchors.push_back(*found);
  if (date.anchors.size() > 1) return;
  date.zero = found->zero;
  if (answer.stamp.time_of_day) date.zone = *zone_at(run, answer) - moved(run, answer.elapsed);
}

/// No log is older than its clock's epoch, in any zone; what lies far off comes of damaged lines
/// and tells nothing.
std::optional<UtcTime> sensible(UtcTime time) {
  constexpr UtcTime first = std::chrono::sys_days{std::chrono::year{1969} / 12 / 31};
  constexpr UtcTime last = std::chrono::sys_days{std::chrono::year{2200} / 1 / 2};
  return time >= first && time < last ? std::optional{time} : std::nullopt;
}

void raise(std::optional<UtcTime>& bound, UtcTime to) {
  if (!bound || *bound < to) bound = to;
}

/// What the entries of undated runs tell of the time at least: they came after what they name.
void bound_by_entries(std::span<const Entry> entries, std::vector<RunDate>& dates) {
  for (const Entry& entry : entries) {
    if (entry.run && !dates[*entry.run].zero && entry.start_date)
      raise(dates[*entry.run].earliest, *entry.start_date - entry.elapsed);
  }
}

/// Runs follow each other: none begins before the one in front of it has ended.
void bound_by_order(std::span<const Run> runs, std::vector<RunDate>& dates) {
  std::optional<UtcTime> ended;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!dates[i].zero && ended) raise(dates[i].earliest, *ended - runs[i].first_elapsed);
    const Dated last = date_line(dates[i], runs[i].last_elapsed);
    if (last.at || last.earliest) ended = last.at ? last.at : last.earliest;
  }
  std::optional<UtcTime> begins;
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (!dates[i].zero && begins) dates[i].latest = *begins - runs[i].last_elapsed;
    // A process that has begun has ended the one before it.
    const Dated first = date_line(dates[i], runs[i].from_start ? 0ms : runs[i].first_elapsed);
    if (first.at || first.latest) begins = first.at ? first.at : first.latest;
  }
  // A clock that was wrong in one run makes bounds of others that contradict each other.
  for (RunDate& date : dates) {
    if (date.earliest && date.latest && *date.earliest > *date.latest)
      date.earliest = date.latest = std::nullopt;
  }
}

}  // namespace

std::optional<UtcTime> answered(const Entry& entry) {
  if (!entry.start_date || !entry.expiry || *entry.expiry > authorization_period)
    return std::nullopt;
  return *entry.start_date + authorization_period - *entry.expiry;
}

std::vector<RunDate> date_runs(std::span<const Run> runs, std::span<const Entry> entries) {
  std::vector<RunDate> dates(runs.size());
  for (const Entry& entry : entries) {
    if (entry.run && answered(entry)) date_run(runs[*entry.run], entry, dates[*entry.run]);
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::ranges::stable_sort(dates[i].anchors, {}, &Anchor::elapsed);
    if (dates[i].zero || !runs[i].zero_day) continue;
    dates[i].zone = runs[i].zone;
    dates[i].zero =
        *runs[i].zero_day + runs[i].zero_time_of_day.value_or(0ms) - runs[i].zone.value_or(0min);
  }
  bound_by_entries(entries, dates);
  bound_by_order(runs, dates);
  return dates;
}

Dated date_line(const RunDate& run, Ms elapsed) {
  if (!run.zero) {
    Dated out;
    if (run.earliest) out.earliest = sensible(*run.earliest + elapsed);
    if (run.latest) out.latest = sensible(*run.latest + elapsed);
    return out;
  }
  if (run.anchors.size() < 2) return {.at = sensible(*run.zero + elapsed)};
  auto behind = std::ranges::lower_bound(run.anchors, elapsed, {}, &Anchor::elapsed);
  if (behind == run.anchors.end() ||
      (behind != run.anchors.begin() &&
       elapsed - std::prev(behind)->elapsed < behind->elapsed - elapsed))
    --behind;
  return {.at = sensible(behind->zero + elapsed)};
}

Dated date_entry(const Entry& entry, std::span<const RunDate> dates) {
  if (!entry.run) return {.at = answered(entry)};
  return date_line(dates[*entry.run], entry.elapsed);
}

std::optional<Ms> clock_skew(const Entry& entry, std::span<const RunDate> dates) {
  const auto manager = answered(entry);
  if (!manager || !entry.run || !entry.stamp.time_of_day) return std::nullopt;
  const RunDate& run = dates[*entry.run];
  const auto at = date_line(run, entry.elapsed).at;
  if (!at || !run.zone) return std::nullopt;
  return *at - *manager;
}

}  // namespace smartlic::logs
