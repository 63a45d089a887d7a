#pragma once
// RULES C2 and C4 by their definition: a list of all calls, counted anew for each question.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "admission/window_shape.hpp"

namespace smartlic::admission::test {

using std::chrono::seconds;

constexpr std::int64_t s = 1'000'000'000;  // ns

inline BootTime at(std::int64_t ns) { return BootTime{BootTime::duration{ns}}; }
inline std::int64_t ns_of(BootTime time) { return time.time_since_epoch().count(); }

struct Model {
  bool immediate = false;
  std::int64_t interval = 30 * s;
  std::int64_t intervals = 10;
  std::int64_t start = 0;
  std::vector<std::int64_t> calls{};

  std::int64_t seen(std::int64_t now) const {
    return std::max({now, start, calls.empty() ? start : calls.back()});
  }
  // Calls in [from, to).
  std::int64_t between(std::int64_t from, std::int64_t to) const {
    return std::count_if(calls.begin(), calls.end(), [&](auto t) { return t >= from && t < to; });
  }
  std::int64_t compared(std::int64_t now) const {
    const std::int64_t length = immediate ? s : interval;
    const std::int64_t open = start + (seen(now) - start) / length * length;
    return immediate ? between(open, open + length) : between(open - intervals * length, open);
  }
  bool closed(Limit limit, std::int64_t now) const {
    if (!limit) return false;
    if (immediate) return compared(now) >= *limit;
    return *limit == 0 || compared(now) * s > *limit * intervals * interval;
  }
  bool offer(Limit limit, std::int64_t now) {
    const bool admitted = !closed(limit, now);
    calls.push_back(seen(now));
    return admitted;
  }
  // C5: the first boundary after `now` at which the gate is open if nobody calls.
  std::int64_t opens(Limit limit, std::int64_t now) const {
    std::int64_t boundary = start + ((seen(now) - start) / interval + 1) * interval;
    while (closed(limit, boundary)) boundary += interval;
    return boundary;
  }
  WindowShape shape() const {
    if (immediate) return WindowShape::immediate();
    const auto length = std::chrono::duration_cast<Ms>(BootTime::duration{interval});
    return WindowShape::create(length, static_cast<std::uint32_t>(intervals)).value();
  }
};

// A random world: a window, and calls in bursts, on and about boundaries, after gaps, sometimes
// back in time.
struct World {
  std::mt19937_64 random;
  Model model{};
  std::int64_t now = 0;
  Limit limit{};

  explicit World(std::uint64_t seed) : random{seed} {
    model.immediate = below(5) == 0;
    model.interval = (1000 + below(3) * 250) * (s / 1000);
    model.intervals = 1 + below(6);
    model.start = below(100) * (s / 7);
    now = model.start;
    limit = some_limit();
  }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  }
  Limit some_limit() {
    return below(8) == 0 ? Limit{} : Limit{static_cast<std::uint32_t>(below(6))};
  }
  std::int64_t next_call() {
    const std::int64_t length = model.immediate ? s : model.interval;
    const std::int64_t boundary = model.start + ((now - model.start) / length + 1) * length;
    switch (below(12)) {
      case 0:
        return now = boundary - 1;
      case 1:
        return now = boundary;
      case 2:
        return now = boundary + 1;
      case 3:
        return now += below(8) * length;  // some longer than the window
      case 4:
        return now += below(length);
      case 5:
        return now - below(2 * length);  // back in time: counts as the latest seen
      default:
        return now += below(length / 16);
    }
  }
};

}  // namespace smartlic::admission::test
