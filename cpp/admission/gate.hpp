#pragma once
// The admission gate: counts every offered call and decides on it, for any number of threads (RULES
// C1-C5).

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "admission/stripe.hpp"
#include "admission/window_shape.hpp"
#include "foundation/mode.hpp"

namespace smartlic::admission {

/// Why a call is rejected; the first that applies.
enum class Reason : std::uint8_t {
  mode,        ///< the enforcement mode allows no calls (RULES E1)
  limit_zero,  ///< an empty request: nothing is licensed (C1)
  rate,        ///< more calls per second than licensed (C2, C4)
};
[[nodiscard]] std::string_view to_string(Reason reason);

/// The SIP status of a rejected call; S9 knows both.
enum class SipStatus : std::uint16_t { server_internal_error = 500, service_unavailable = 503 };

/// What became of one offered call (C5).
struct Decision {
  std::optional<Reason> reason;  ///< none: the call is admitted
  Mode mode = Mode::Disabled;
  Average average;  ///< what was compared with the limit
  Limit limit;
  std::optional<SipStatus> sip_status;  ///< of a rejected call
  /// From `now`, rounded up, at least 1 s, to the first boundary at which the gate would open if
  /// nobody called; only of a call rejected for its rate.
  std::optional<std::chrono::seconds> retry_after;

  [[nodiscard]] bool admitted() const { return !reason; }
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// What the licence says of calls, a mode and a limit, in one word that is stored and read in one
/// step.
class Terms {
 public:
  constexpr Terms(Mode mode, Limit limit) : word_{pack(mode, limit)} {}
  /// Of a word that `word()` gave.
  static constexpr Terms of_word(std::uint64_t word) { return Terms{word}; }

  [[nodiscard]] constexpr std::uint64_t word() const { return word_; }
  [[nodiscard]] constexpr Mode mode() const {
    return static_cast<Mode>(word_ >> mode_shift & 0xFF);
  }
  [[nodiscard]] constexpr Limit limit() const {
    return (word_ & has_limit) != 0 ? Limit{static_cast<std::uint32_t>(word_)} : std::nullopt;
  }
  /// Whether the limit decides; if not, `open()` does.
  [[nodiscard]] constexpr bool by_rate() const { return (word_ & rate_bit) != 0; }
  /// Whether every call is admitted.
  [[nodiscard]] constexpr bool open() const { return (word_ & open_bit) != 0; }

  friend constexpr bool operator==(Terms, Terms) = default;

 private:
  static constexpr std::uint64_t has_limit = std::uint64_t{1} << 32;  // above the limit itself
  static constexpr int mode_shift = 33;
  static constexpr std::uint64_t open_bit = std::uint64_t{1} << 62;
  static constexpr std::uint64_t rate_bit = std::uint64_t{1} << 63;

  constexpr explicit Terms(std::uint64_t word) : word_{word} {}
  static constexpr std::uint64_t pack(Mode mode, Limit limit) {
    std::uint64_t word = static_cast<std::uint64_t>(mode) << mode_shift;
    if (limit) word |= has_limit | *limit;
    if (calls_allowed(mode)) word |= limit ? rate_bit : open_bit;
    return word;
  }

  std::uint64_t word_;
};

/// The gate. All of its members may be called from any thread at any time, and none waits for
/// another thread. Time is an argument; a time before the open interval counts into the open
/// interval, or into the next one while that is being opened. A new gate behaves as one idle for
/// the whole window (C2).
///
/// It counts 2^34 calls (1.7 x 10^10) in a window, which is 57 million calls per second in that of
/// S10, and 2^30 intervals, which is 34 years of seconds.
///
/// A gate holds no pointers and only lock-free atomics, and each change is one atomic step or can
/// be completed by whoever comes next: it may lie in memory that processes share, and a process
/// killed at any point leaves it right.
///
/// How it works: a stripe's head is one word, the index of the interval that it is in above its
/// count of calls. A call is one `fetch_add` on one head, so the interval that counts a call is the
/// one that this head was in, and no call is lost or counted twice. Who first sees a time past
/// `end_` moves all heads on, from the first to the last: it copies the head to the ring and then
/// replaces it by the new interval's word; the replacement succeeds only if the copy was final.
/// Words are only ever raised, so late or repeated copies do no harm. `end_` is raised last: as
/// long as it is ahead of a time, every head is in that time's interval or a later one.
///
/// The calls of the window before an interval are a fact of that interval once no head is before
/// it. Who needs them therefore moves on the heads that are still behind, adds up the ring, and
/// keeps the result in `sum_`, and that of the last interval in `totals_` for Retry-After. The
/// limit is compared at each call, so that a new one acts at the next decision. Under the immediate
/// policy the order of calls decides (C4): all are on one stripe.
class Gate {
 public:
  explicit Gate(Mode mode, Limit limit, const WindowShape& shape = {}, BootTime start = {},
                SipStatus sip_status = SipStatus::service_unavailable);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Counts one call (also one that is rejected: C3). Returns whether it is admitted.
  [[nodiscard]] bool admit(BootTime now, Stripe stripe = Stripe::of_thread()) {
    const std::uint64_t call = count(now, stripe);
    return admits(call, terms());
  }
  /// The same by the caller's terms; those of the gate stay and are not looked at.
  [[nodiscard]] bool admit(BootTime now, Terms terms, Stripe stripe = Stripe::of_thread()) {
    return admits(count(now, stripe), terms);
  }

  /// As `admit`, with all that is to be told about it (C5).
  [[nodiscard]] Decision decide(BootTime now, Stripe stripe = Stripe::of_thread());
  [[nodiscard]] Decision decide(BootTime now, Terms terms, Stripe stripe = Stripe::of_thread());

  /// What is compared with the limit at `now`. Writes nothing: memory mapped for reading will do.
  [[nodiscard]] Average average(BootTime now) const;

  /// Both act at the next decision (C2).
  void set_mode(Mode mode);
  void set_limit(Limit limit);
  /// Of the calls rejected from now on.
  void set_sip_status(SipStatus status) { sip_status_.store(status, std::memory_order_release); }

  [[nodiscard]] Mode mode() const { return terms().mode(); }
  [[nodiscard]] Limit limit() const { return terms().limit(); }
  [[nodiscard]] const WindowShape& shape() const { return shape_; }
  [[nodiscard]] BootTime start() const { return start_; }
  [[nodiscard]] SipStatus sip_status() const { return sip_status_.load(std::memory_order_acquire); }

 private:
  using Word = std::atomic<std::uint64_t>;
  static_assert(Word::is_always_lock_free && std::atomic<BootTime::rep>::is_always_lock_free &&
                std::atomic<SipStatus>::is_always_lock_free);

  // A word of heads_, ring_, totals_ and sum_: an interval's index, and a number of calls below it.
  static constexpr int count_bits = 34;
  static constexpr std::uint64_t max_count = (std::uint64_t{1} << count_bits) - 1;
  static constexpr std::uint64_t max_index = (std::uint64_t{1} << (64 - count_bits)) - 1;
  static constexpr std::uint64_t index_of(std::uint64_t word) { return word >> count_bits; }
  static constexpr std::uint64_t count_of(std::uint64_t word) { return word & max_count; }
  static constexpr std::uint64_t word(std::uint64_t index, std::uint64_t count) {
    return index << count_bits | count;
  }

  [[nodiscard]] Terms terms() const {
    return Terms::of_word(terms_.load(std::memory_order_acquire));
  }
  [[nodiscard]] bool immediate() const { return shape_.policy() == Policy::immediate; }
  [[nodiscard]] std::size_t stripes() const { return immediate() ? 1 : Stripe::count; }
  // Counts a call; gives the head before it.
  std::uint64_t count(BootTime now, Stripe stripe) {
    if (now.time_since_epoch().count() >= end_.load(std::memory_order_acquire)) advance(now);
    Head& head = heads_[immediate() ? 0 : stripe.number()];
    return head.word.fetch_add(1, std::memory_order_acq_rel);
  }
  // What a call is compared by, from the head before it.
  [[nodiscard]] std::uint64_t compared(std::uint64_t call) {
    if (immediate()) return count_of(call);
    const std::uint64_t kept = sum_.load(std::memory_order_acquire);
    return index_of(kept) == index_of(call) ? count_of(kept) : window_sum(index_of(call));
  }
  [[nodiscard]] bool admits(std::uint64_t call, Terms terms) {
    if (!terms.by_rate()) return terms.open();
    return !shape_.closed(terms.limit(), compared(call));
  }
  [[nodiscard]] Decision decision(std::uint64_t call, Terms terms, BootTime now);
  [[nodiscard]] WindowShape::Interval interval_at(BootTime now) const;
  void advance(BootTime now);
  void open(std::uint64_t index);
  // The latest interval that a head is in: none is ahead of the first.
  [[nodiscard]] std::uint64_t open_index() const {
    return index_of(heads_[0].word.load(std::memory_order_acquire));
  }
  [[nodiscard]] std::uint64_t window_sum(std::uint64_t index);
  [[nodiscard]] std::uint64_t closed_count(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t count_in(std::uint64_t index) const;
  [[nodiscard]] std::chrono::seconds retry_after(std::uint64_t call, Limit limit, BootTime now);

  struct alignas(128) Head {  // alone on its cache line, and on the one that is fetched with it
    Word word{0};
  };
  using Closed = std::array<Word, Stripe::count>;  // what the stripes counted of one interval

  std::array<Head, Stripe::count> heads_{};
  alignas(64) std::atomic<BootTime::rep> end_;  // of the open interval, never later than that; ns
  Word sum_{0};                                 // of the window before the interval of its index
  Word terms_;
  WindowShape shape_;
  BootTime start_;
  std::atomic<SipStatus> sip_status_;
  alignas(64) std::array<Closed, WindowShape::ring_size> ring_{};  // closed intervals, by index
  std::array<Word, WindowShape::ring_size> totals_{};  // and what their stripes add up to
};

static_assert(std::is_standard_layout_v<Gate> && std::is_trivially_destructible_v<Gate>);

}  // namespace smartlic::admission
