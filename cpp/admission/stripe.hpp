#pragma once
// Which of a gate's counters a caller counts on.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace smartlic::admission {

/// One of the counters of a gate, which are apart so that cores do not fight for one. Any will do
/// for any caller at any time and changes no decision; callers on different ones do not slow each
/// other down.
class Stripe {
 public:
  /// Of a gate; a power of two.
  static constexpr std::size_t count = 8;

  /// Numbers beyond `count` begin again at the first.
  constexpr explicit Stripe(std::uint64_t number)
      : number_{static_cast<std::uint32_t>(number % count)} {}

  /// The calling thread's own: threads get theirs in turn, when each first asks.
  static Stripe of_thread() {
    if (own_ == none) own_ = taken_.fetch_add(1, std::memory_order_relaxed) % count;
    return Stripe{own_};
  }

  [[nodiscard]] constexpr std::size_t number() const { return number_; }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  // Constant from the start: else each access would ask first whether it has begun to live.
  static inline constinit thread_local std::uint32_t own_ = none;
  static inline constinit std::atomic<std::uint32_t> taken_{0};

  std::uint32_t number_;
};

}  // namespace smartlic::admission
