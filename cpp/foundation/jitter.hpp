#pragma once
// A small seeded generator for jitter (RULES E8). Not for secrets: those come from
// identity::Entropy.

#include <cstdint>

#include "foundation/time.hpp"

namespace smartlic {

/// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state, a full period, good enough to
/// spread requests.
class Jitter {
 public:
  explicit constexpr Jitter(std::uint64_t seed) : state_{seed} {}

  /// A duration in [low, high], in whole milliseconds; low if the interval is empty. The bias of
  /// the modulo is below 1e-9.
  constexpr Ms between(Ms low, Ms high) {
    if (high <= low) return low;
    const auto width = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + Ms{static_cast<Ms::rep>(next() % width)};
  }

  [[nodiscard]] constexpr std::uint64_t state() const { return state_; }
  friend bool operator==(const Jitter&, const Jitter&) = default;

 private:
  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

}  // namespace smartlic
