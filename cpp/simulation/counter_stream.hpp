#pragma once
// Random numbers of a fleet (DESIGN 3): one stream per (seed, pool, device), and distributions that
// give the same bits on every machine, as they use whole numbers only.

#include <cstdint>

#include "foundation/time.hpp"

namespace smartlic::simulation {

/// SplitMix64's output function (Steele, Lea, Flood 2014): a bijection that spreads every bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

/// Whole numbers, each equally likely, both ends included.
struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// A counter-based stream: number n is a function of (seed, pool, device, n) alone, so a fleet's
/// result depends neither on the number of threads nor on who simulates what.
class CounterStream {
 public:
  constexpr CounterStream(std::uint64_t seed, std::uint64_t pool, std::uint64_t device)
      : key_{mix(mix(mix(seed + gamma) ^ (pool + gamma)) ^ (device + gamma))} {}

  constexpr std::uint64_t next() { return mix(key_ + gamma * ++count_); }

  /// One of `range`; its low end if the range is empty. The bias of the modulo is below 1e-9.
  constexpr std::int64_t in(const Range& range) {
    if (range.high <= range.low) return range.low;
    const auto width = static_cast<std::uint64_t>(range.high - range.low) + 1;
    return range.low + static_cast<std::int64_t>(next() % width);
  }

  /// A waiting time of an event that comes once in `mean` on average, in whole milliseconds.
  /// Von Neumann (1951): runs of falling uniform numbers, so no logarithm is needed.
  constexpr Ms exponential(Ms mean) {
    for (std::int64_t whole = 0;; ++whole) {
      const std::uint64_t first = next();
      bool odd = true;
      for (std::uint64_t last = first;; odd = !odd) {
        const std::uint64_t now = next();
        if (now >= last) break;
        last = now;
      }
      if (odd) return mean * whole + fraction(first, mean);
    }
  }

 private:
  static constexpr std::uint64_t gamma = 0x9E3779B97F4A7C15U;

  // `mean` times the draw as a part of 1. Its upper 32 bits are finer than a millisecond for any
  // mean below 49 days, and than 1e-9 of any other.
  static constexpr Ms fraction(std::uint64_t draw, Ms mean) {
    const std::uint64_t part = draw >> 32U;
    const auto count = static_cast<std::uint64_t>(mean.count());
    return Ms{
        static_cast<Ms::rep>((count >> 32U) * part + (((count & 0xFFFFFFFFU) * part) >> 32U))};
  }

  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

}  // namespace smartlic::simulation
