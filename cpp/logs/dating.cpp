#include "logs/dating.hpp"

#include <algorithm>
#include <ratio>

namespace smartlic::logs {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

using Quarters = std::chrono::duration<std::int64_t, std::ratio<900>>;

// Zones lie from 10 hours behind UTC (Hawaii) to 13 ahead (New Zealand's summer); a time of day
// alone tells no more than one day's worth of them.
constexpr Ms least_ahead = -11h;

/// What a time of day is ahead of a time in UTC: as zones are, in quarters of an hour.
minutes zone_of(Ms time_of_day, UtcTime time) {
  const Ms ahead = time_of_day - (time - floor<days>(time));
  const Ms within = ((ahead - least_ahead) % one_day + one_day) % one_day + least_ahead;
  return std::chrono::round<Quarters>(within);
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

/// Dates a run by its lines' dates, and an answer in it if they have no zone.
RunDate by_dates(const Run& run, const Entry* answer) {
  const UtcTime local = *run.zero_day + run.zero_time_of_day.value_or(0ms);
  RunDate out{.zone = run.zone};
  if (!out.zone && answer != nullptr) {
    const Ms ahead = local + answer->elapsed - *answered(*answer);
    constexpr Ms farthest = 14h + 7min;
    // Farther off, it is no zone but a clock that is wrong.
    if (ahead <= farthest && ahead >= -farthest)
      out.zone = std::chrono::round<Quarters>(ahead) - moved(run, answer->elapsed);
  }
  out.zero = local - out.zone.value_or(0min);
  return out;
}

/// Dates a run that has times of day, or not even these, by an answer in it.
RunDate by_answer(const Run& run, const Entry& answer) {
  const UtcTime manager = *answered(answer);
  if (!answer.stamp.time_of_day) return {.zero = manager - answer.elapsed};
  const auto time = *answer.stamp.time_of_day;
  const minutes zone = run.zone.value_or(zone_of(time, manager));
  return {.zero = nearest(time, zone, manager) - answer.elapsed,
          .zone = zone - moved(run, answer.elapsed)};
}

/// No log is older than its clock's epoch; what lies far off comes of damaged lines and tells
/// nothing.
std::optional<UtcTime> sensible(UtcTime time) {
  constexpr UtcTime last = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};
  return time >= UtcTime{} && time < last ? std::optional{time} : std::nullopt;
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
    const auto zero = dates[i].zero ? dates[i].zero : dates[i].earliest;
    if (zero) ended = *zero + runs[i].last_elapsed;
  }
  std::optional<UtcTime> begins;
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (!dates[i].zero && begins) dates[i].latest = *begins - runs[i].last_elapsed;
    const auto zero = dates[i].zero ? dates[i].zero : dates[i].latest;
    // A process that has begun has ended the one before it.
    if (zero) begins = runs[i].from_start ? *zero : *zero + runs[i].first_elapsed;
  }
}

}  // namespace

std::optional<UtcTime> answered(const Entry& entry) {
  if (!entry.start_date || !entry.expiry || *entry.expiry > authorization_period)
    return std::nullopt;
  return *entry.start_date + authorization_period - *entry.expiry;
}

std::vector<RunDate> date_runs(std::span<const Run> runs, std::span<const Entry> entries) {
  std::vector<const Entry*> answers(runs.size(), nullptr);
  for (const Entry& entry : entries) {
    if (entry.run && answers[*entry.run] == nullptr && answered(entry))
      answers[*entry.run] = &entry;
  }
  std::vector<RunDate> dates;
  dates.reserve(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].zero_day) {
      dates.push_back(by_dates(runs[i], answers[i]));
    } else if (answers[i] != nullptr) {
      dates.push_back(by_answer(runs[i], *answers[i]));
    } else {
      dates.emplace_back();
    }
  }
  bound_by_entries(entries, dates);
  bound_by_order(runs, dates);
  return dates;
}

Dated date_entry(const Entry& entry, std::span<const RunDate> dates) {
  if (!entry.run) return {.at = answered(entry)};
  const RunDate& run = dates[*entry.run];
  if (run.zero) return {.at = sensible(*run.zero + entry.elapsed)};
  Dated out;
  if (run.earliest) out.earliest = sensible(*run.earliest + entry.elapsed);
  if (run.latest) out.latest = sensible(*run.latest + entry.elapsed);
  return out;
}

std::optional<Ms> clock_skew(const Entry& entry, std::span<const RunDate> dates) {
  const auto manager = answered(entry);
  if (!manager || !entry.run || !entry.stamp.time_of_day) return std::nullopt;
  const RunDate& run = dates[*entry.run];
  if (!run.zero || !run.zone) return std::nullopt;
  return *run.zero + entry.elapsed - *manager;
}

}  // namespace smartlic::logs
