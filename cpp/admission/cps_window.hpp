#pragma once
// The averager of S10 for one caller: an exact record of calls, and what the limit makes of it
// (RULES C1-C4). Gate (gate.hpp) decides the same for many threads.

#include <array>
#include <cstdint>
#include <span>

#include "admission/window_shape.hpp"

namespace smartlic::admission {

/// From `from` on, the limit is `limit`.
struct LimitChange {
  BootTime from;
  Limit limit;
};

/// Counts calls and tells which are admitted. Time is an argument and does not run back: a time
/// earlier than the latest one seen counts as that one. A new window behaves as one idle for its
/// whole length (C2).
class CpsWindow {
 public:
  explicit CpsWindow(Limit limit, const WindowShape& shape = {}, BootTime start = {})
      : shape_{shape}, start_{start}, limit_{limit}, end_{shape.at(start, start).end} {}

  /// Counts one call, admitted or not (C3). Returns whether it is admitted.
  bool offer(BootTime now);

  /// Whether a call at `now` would be rejected.
  [[nodiscard]] bool closed(BootTime now);

  /// What is compared with the limit at `now`: the calls of the whole window before the open
  /// interval, or under the immediate policy those of the open second so far.
  [[nodiscard]] Average average(BootTime now);

  /// The new limit acts at the next decision (C2).
  void set_limit(Limit limit) { limit_ = limit; }
  [[nodiscard]] Limit limit() const { return limit_; }
  [[nodiscard]] const WindowShape& shape() const { return shape_; }
  [[nodiscard]] BootTime start() const { return start_; }

  /// What a new window of this shape, start and limit admits of `arrivals` (ns, ascending), each
  /// offered once: a one or zero each in `admitted`. `changes` (ascending) act on arrivals at or
  /// after `from`. This window stays as it is. Errors: `invalid_argument` (with the index) if
  /// something is not ascending or the sizes differ; then `admitted` is untouched.
  [[nodiscard]] Result<void> replay(std::span<const std::int64_t> arrivals,
                                    std::span<const LimitChange> changes,
                                    std::span<std::uint8_t> admitted) const;

 private:
  void advance(BootTime now);
  void enter(std::uint64_t index);
  std::uint64_t offer_run(std::uint64_t calls);
  [[nodiscard]] std::uint64_t& slot(std::uint64_t index) {
    return counts_[index % WindowShape::ring_size];
  }
  [[nodiscard]] std::uint64_t compared() {
    return shape_.policy() == Policy::immediate ? slot(index_) : sum_;
  }

  WindowShape shape_;
  BootTime start_;
  Limit limit_;
  std::uint64_t index_ = 0;  // of the open interval
  BootTime end_;             // of the open interval
  std::uint64_t sum_ = 0;    // of the window before the open interval
  std::array<std::uint64_t, WindowShape::ring_size> counts_{};
};

}  // namespace smartlic::admission
