#include "admission/cps_window.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace smartlic::admission {
namespace {

BootTime from_ns(std::int64_t ns) { return BootTime{BootTime::duration{ns}}; }

/// The first position after `at` whose time is not before `end`: doubling steps, then a binary
/// search between the last two, so that the cost depends on the length of the run and not on that
/// of the array.
std::size_t run_end(std::span<const std::int64_t> times, std::size_t at, BootTime end) {
  const std::int64_t end_ns = end.time_since_epoch().count();
  std::size_t step = 1;
  while (step < times.size() - at && times[at + step] < end_ns) step *= 2;
  const std::size_t low = at + (step + 1) / 2;
  const std::size_t high = std::min(at + step, times.size());
  return low +
         static_cast<std::size_t>(std::ranges::lower_bound(times.subspan(low, high - low), end_ns) -
                                  times.subspan(low).begin());
}

Error not_ascending(const char* what, std::ptrdiff_t index) {
  return {Errc::invalid_argument, std::string{what} + "[" + std::to_string(index) +
                                      "] is earlier than the one before it; sort them first"};
}

Result<void> check(std::span<const std::int64_t> arrivals, std::span<const LimitChange> changes,
                   std::size_t outputs) {
  if (arrivals.size() != outputs) {
    return Error{Errc::invalid_argument, "one output for each arrival is needed"};
  }
  const auto change = std::is_sorted_until(
      changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  if (change != changes.end()) return not_ascending("changes", change - changes.begin());
  const auto arrival = std::is_sorted_until(arrivals.begin(), arrivals.end());
  if (arrival != arrivals.end()) return not_ascending("arrivals", arrival - arrivals.begin());
  return {};
}

}  // namespace

bool CpsWindow::offer(BootTime now) {
  advance(now);
  return offer_run(1) == 1;
}

bool CpsWindow::closed(BootTime now) {
  advance(now);
  return shape_.closed(limit_, compared());
}

Average CpsWindow::average(BootTime now) {
  advance(now);
  return {compared(), shape_.window()};
}

Result<void> CpsWindow::replay(std::span<const std::int64_t> arrivals,
                               std::span<const LimitChange> changes,
                               std::span<std::uint8_t> admitted) const {
  if (auto checked = check(arrivals, changes, admitted.size()); !checked) return checked;
  CpsWindow fresh{limit_, shape_, start_};
  auto change = changes.begin();
  // Within an interval and under one limit the gate does not change (C2), so whole runs are decided
  // at once.
  for (std::size_t at = 0; at < arrivals.size();) {
    const BootTime now = from_ns(arrivals[at]);
    for (; change != changes.end() && change->from <= now; ++change) fresh.set_limit(change->limit);
    fresh.advance(now);
    const BootTime until =
        change == changes.end() ? fresh.end_ : std::min(fresh.end_, change->from);
    const std::size_t end = run_end(arrivals, at, until);
    const std::size_t open = fresh.offer_run(end - at);
    std::memset(&admitted[at], 1, open);
    std::memset(&admitted[at] + open, 0, end - at - open);
    at = end;
  }
  return {};
}

// Moves on to the interval of `now`; an earlier time changes nothing.
void CpsWindow::advance(BootTime now) {
  if (now < end_) return;
  const auto interval = shape_.at(start_, now);
  if (interval.index - index_ > shape_.intervals()) {  // all of the window was idle
    index_ = interval.index;
    sum_ = 0;
    for (std::uint64_t back = 0; back <= shape_.intervals(); ++back) slot(index_ - back) = 0;
  }
  while (index_ < interval.index) enter(index_ + 1);
  end_ = interval.end;
}

// The window slides by one interval: the one just closed comes in, its oldest goes out.
void CpsWindow::enter(std::uint64_t index) {
  sum_ += slot(index_);
  sum_ -= slot(index_ - shape_.intervals());
  index_ = index;
  slot(index_) = 0;
}

// Counts `calls` calls of the open interval; those admitted are the first ones, and their number is
// returned.
std::uint64_t CpsWindow::offer_run(std::uint64_t calls) {
  std::uint64_t& counted = slot(index_);
  std::uint64_t open = shape_.closed(limit_, compared()) ? 0 : calls;
  if (limit_ && shape_.policy() == Policy::immediate && open > 0) {
    open = std::min(calls, *limit_ - counted);  // C4; not closed: counted < limit
  }
  counted += calls;
  return open;
}

}  // namespace smartlic::admission
