#include "admission/gate.hpp"

#include <algorithm>

namespace smartlic::admission {
namespace {

/// Raises `word` to `value`, if that is more.
template <class T>
void raise(std::atomic<T>& word, T value) {
  T seen = word.load(std::memory_order_acquire);
  while (seen < value && !word.compare_exchange_weak(seen, value, std::memory_order_acq_rel)) {
  }
}

std::optional<Reason> refusal(Mode mode, Limit limit, bool closed) {
  if (!calls_allowed(mode)) return Reason::mode;
  if (limit && *limit == 0) return Reason::limit_zero;
  if (closed) return Reason::rate;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Reason reason) {
  constexpr std::array<std::string_view, 3> names{"mode", "limit_zero", "rate"};
  return names[static_cast<std::size_t>(reason)];
}

Gate::Gate(Mode mode, Limit limit, const WindowShape& shape, BootTime start, SipStatus sip_status)
    : end_{shape.at(start, start).end.time_since_epoch().count()},
      terms_{Terms{mode, limit}.word()},
      shape_{shape},
      start_{start},
      sip_status_{sip_status} {}

Decision Gate::decide(BootTime now, Stripe stripe) {
  const std::uint64_t call = count(now, stripe);
  return decision(call, terms(), now);
}

Decision Gate::decide(BootTime now, Terms terms, Stripe stripe) {
  return decision(count(now, stripe), terms, now);
}

Average Gate::average(BootTime now) const {
  const std::uint64_t nearest = immediate() ? 0 : 1;
  const std::uint64_t farthest = immediate() ? 0 : shape_.intervals();
  const std::uint64_t index_now = interval_at(now).index;
  for (;;) {
    const std::uint64_t index = std::max(index_now, open_index());
    std::uint64_t sum = 0;
    for (std::uint64_t at = index - farthest; at != index - nearest + 1; ++at) sum += count_in(at);
    // Else the ring may have gone over it meanwhile.
    if (open_index() < index + (ring_.size() - farthest))
      return {std::min(sum, max_count), shape_.window()};
  }
}

void Gate::set_mode(Mode mode) {
  std::uint64_t seen = terms_.load(std::memory_order_acquire);
  while (!terms_.compare_exchange_weak(seen, Terms{mode, Terms::of_word(seen).limit()}.word(),
                                       std::memory_order_acq_rel)) {
  }
}

void Gate::set_limit(Limit limit) {
  std::uint64_t seen = terms_.load(std::memory_order_acquire);
  while (!terms_.compare_exchange_weak(seen, Terms{Terms::of_word(seen).mode(), limit}.word(),
                                       std::memory_order_acq_rel)) {
  }
}

Decision Gate::decision(std::uint64_t call, Terms terms, BootTime now) {
  const std::uint64_t calls = compared(call);
  const Limit limit = terms.limit();

  Decision out{.reason = refusal(terms.mode(), limit, shape_.closed(limit, calls)),
               .mode = terms.mode(),
               .average = {calls, shape_.window()},
               .limit = limit,
               .sip_status = {},
               .retry_after = {}};
  if (out.reason) out.sip_status = sip_status();
  if (out.reason == Reason::rate) out.retry_after = retry_after(call, limit, now);
  return out;
}

// The interval of `now`, as far as a word counts them.
WindowShape::Interval Gate::interval_at(BootTime now) const {
  const auto interval = shape_.at(start_, now);
  return interval.index < max_index ? interval : WindowShape::Interval{max_index, BootTime::max()};
}

// Opens the interval of `now` if it is a later one.
void Gate::advance(BootTime now) {
  const auto interval = interval_at(now);
  open(interval.index);
  raise(end_, interval.end.time_since_epoch().count());  // last: then no head is before it
}

// Moves each head that is before interval `index` on to it, the first one first.
void Gate::open(std::uint64_t index) {
  for (std::size_t stripe = 0; stripe < stripes(); ++stripe) {
    Word& head = heads_[stripe].word;
    std::uint64_t seen = head.load(std::memory_order_acquire);
    while (index_of(seen) < index) {
      raise(ring_[index_of(seen) % ring_.size()][stripe], seen);
      if (head.compare_exchange_weak(seen, word(index, 0), std::memory_order_acq_rel)) break;
    }
  }
}

// The calls of an interval that no head is in or before; zero if it had none.
std::uint64_t Gate::closed_count(std::uint64_t index) const {
  if (index > max_index) return 0;  // before the first one
  const std::uint64_t total = totals_[index % totals_.size()].load(std::memory_order_acquire);
  if (index_of(total) == index && index != 0) return count_of(total);
  std::uint64_t calls = 0;
  for (const Word& each : ring_[index % ring_.size()]) {
    const std::uint64_t kept = each.load(std::memory_order_acquire);
    calls += index_of(kept) == index ? count_of(kept) : 0;
  }
  return std::min(calls, max_count);
}

// The calls of an interval that heads may be in, so far. A head's own come to the ring only when it
// leaves the interval.
std::uint64_t Gate::count_in(std::uint64_t index) const {
  const Closed& closed = ring_[index % ring_.size()];
  std::uint64_t calls = 0;
  for (std::size_t stripe = 0; stripe < stripes(); ++stripe) {
    const std::uint64_t head = heads_[stripe].word.load(std::memory_order_acquire);
    const bool left = index_of(head) > index;
    const std::uint64_t counted = left ? closed[stripe].load(std::memory_order_acquire) : head;
    calls += index_of(counted) == index ? count_of(counted) : 0;
  }
  return calls;
}

// The calls of the window before interval `index`. A thread that slept so long that the ring went
// over its interval's window gets that of the interval it woke up in.
std::uint64_t Gate::window_sum(std::uint64_t index) {
  for (;;) {
    open(index);  // whoever began to may not have come to the end
    const std::uint64_t newest = closed_count(index - 1);
    std::uint64_t sum = newest;
    for (std::uint64_t back = 2; back <= shape_.intervals(); ++back)
      sum += closed_count(index - back);
    sum = std::min(sum, max_count);
    const std::uint64_t latest = open_index();
    if (latest - index < ring_.size() - shape_.intervals()) {
      if (index > 1) raise(totals_[(index - 1) % totals_.size()], word(index - 1, newest));
      raise(sum_, word(index, sum));
      return sum;
    }
    index = latest;
  }
}

// C5: lets the window slide past the calls it holds, this one included, until the limit lets it
// open.
std::chrono::seconds Gate::retry_after(std::uint64_t call, Limit limit, BootTime now) {
  using std::chrono::seconds;
  if (immediate()) return seconds{1};
  const std::uint64_t index = index_of(call);
  std::uint64_t sum = compared(call) + count_in(index);
  std::uint64_t opens = index;
  do {
    const std::uint64_t oldest = opens - shape_.intervals();
    sum = oldest == index ? 0 : sum - std::min(sum, closed_count(oldest));
    ++opens;
  } while (shape_.closed(limit, sum));

  const auto length = static_cast<std::uint64_t>(BootTime::duration{shape_.interval()}.count());
  const auto boundary =
      static_cast<std::uint64_t>(start_.time_since_epoch().count()) + opens * length;
  const auto wait =
      BootTime::duration{boundary - static_cast<std::uint64_t>(now.time_since_epoch().count())};
  return std::max(seconds{1}, std::chrono::ceil<seconds>(wait));
}

}  // namespace smartlic::admission
