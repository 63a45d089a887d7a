#pragma once
// The gate that processes share: a Gate, and the plan by which its mode changes, laid out in memory
// that somebody else maps (RULES C6).

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "admission/gate.hpp"
#include "foundation/bytes.hpp"

namespace smartlic::admission {

/// A mode that comes by itself, and when.
struct ComingMode {
  UtcTime at{};
  Mode mode = Mode::Disabled;
  friend bool operator==(const ComingMode&, const ComingMode&) = default;
};

/// What an agent makes known at a `Now`: what holds, and what comes if nothing more is heard of it.
struct Plan {
  Mode mode = Mode::Disabled;
  Limit limit;
  UtcTime licensing_time;                   ///< at that `Now` (T1)
  std::span<const ComingMode> coming = {};  ///< ascending, in licensing time
};

/// What there is to see of a shared gate.
struct GateSnapshot {
  Mode mode;
  Limit limit;
  Average average;
  std::vector<ComingMode> coming;    ///< those still to come, by the publisher's wall clock
  std::optional<UtcTime> published;  ///< wall clock of the last plan's publisher; none: never
  UtcTime begun;                     ///< wall clock when counting began, in this boot or before
  WindowShape shape{};
  SipStatus sip_status = SipStatus::service_unavailable;
  std::uint64_t failed_call_log = 0;  ///< as `SharedGate::failed_call_log`
  std::uint64_t failed_calls_lost = 0;
};

/// The object is the layout: standard, without pointers, made in place or attached to where it
/// lies, at any address and by any number of processes. Deciding and looking wait for nobody. The
/// mode is never stored but follows from the plan and the time at each decision, so a deadline that
/// passes needs nobody's doing, and no late writer can undo a newer plan.
///
/// There are two slots for plans and a sequence number whose last bit says which of them holds. A
/// publisher fills the other one and then raises the number: one step, before which the old plan
/// holds, also if the publisher is killed.
///
/// In the boot of its publisher a plan goes by the boot clock; in any other by the wall clock (C6).
/// Counting goes by the boot clock alone, so it is begun anew in each boot (`restart`).
class SharedGate {
 public:
  /// Raised with every change of the layout.
  static constexpr std::uint32_t layout_version = 3;
  static constexpr std::size_t max_coming = 4;

  /// Mode Disabled and no limit until the first plan; counts from `now`.
  SharedGate(const WindowShape& shape, SipStatus sip_status, const Now& now);
  SharedGate(const SharedGate&) = delete;
  SharedGate& operator=(const SharedGate&) = delete;

  /// The gate in `memory` (aligned as this class is), which stays the caller's. Errors:
  /// `state_version`, if another version laid it out; `state_damaged`.
  [[nodiscard]] static Result<SharedGate*> attach(std::span<std::uint8_t> memory);
  /// The same in memory that can only be read.
  [[nodiscard]] static Result<const SharedGate*> observe(ByteView memory);

  /// As Gate's, in the mode that the plan has come to at `now`.
  [[nodiscard]] bool admit(const Now& now, Stripe stripe = Stripe::of_thread()) {
    return gate_.admit(now.boot, terms(now), stripe);
  }
  [[nodiscard]] Decision decide(const Now& now, Stripe stripe = Stripe::of_thread()) {
    return gate_.decide(now.boot, terms(now), stripe);
  }

  /// The next stripe in turn, for a process that attaches: those of threads begin at the same one
  /// in every process.
  [[nodiscard]] Stripe take_stripe() {
    return Stripe{stripes_taken_.fetch_add(1, std::memory_order_relaxed)};
  }

  /// Replaces the plan; acts at the next decision. One publisher at a time. Errors:
  /// `invalid_argument` for more than four coming modes or descending times; the old plan stays.
  [[nodiscard]] Result<void> publish(const Plan& plan, const Now& now);

  /// Replaces the limit in the plan that holds and in what comes of it; one publisher at a time.
  /// The next plan has a limit of its own.
  void set_limit(Limit limit);
  void set_sip_status(SipStatus status) { gate_.set_sip_status(status); }

  /// Whether rejected calls are logged (S11): 0 if not, else the bytes that a log file may have.
  [[nodiscard]] std::uint64_t failed_call_log() const {
    return failed_call_log_.load(std::memory_order_acquire);
  }
  void set_failed_call_log(std::uint64_t file_size) {
    failed_call_log_.store(file_size, std::memory_order_release);
  }
  /// Counts a rejected call that could not be logged.
  void count_lost_call() { failed_calls_lost_.fetch_add(1, std::memory_order_relaxed); }

  /// Writes nothing. The average is zero in another boot than the counts are of.
  [[nodiscard]] GateSnapshot snapshot(const Now& now) const;

  /// Whether its counts are of the boot of `now`.
  [[nodiscard]] bool counts_in(const Now& now) const;
  /// Begins to count anew in the boot of `now`; the plan stays. Nobody else may be deciding. A
  /// caller that is killed here leaves it to be done again.
  void restart(const Now& now);

 private:
  using Word = std::atomic<std::uint64_t>;
  using Time = std::atomic<std::int64_t>;
  static_assert(Word::is_always_lock_free && Time::is_always_lock_free);

  /// A boot identity that is stored and read word by word.
  class Boot {
   public:
    void store(const Uuid& id) { store(words_of(id)); }
    void store(const Boot& other) {
      store(std::array{other.words_[0].load(), other.words_[1].load()});
    }
    [[nodiscard]] bool is(const Uuid& id) const {
      const auto words = words_of(id);
      return words_[0].load(std::memory_order_acquire) == words[0] &&
             words_[1].load(std::memory_order_acquire) == words[1];
    }

   private:
    static std::array<std::uint64_t, 2> words_of(const Uuid& id) {
      return std::bit_cast<std::array<std::uint64_t, 2>>(id.bytes);
    }
    void store(const std::array<std::uint64_t, 2>& words);
    std::array<Word, 2> words_{};
  };

  /// One deadline on both clocks, and the terms from then on.
  struct Change {
    Time boot;
    Time wall;
    Word terms;
    [[nodiscard]] bool passed(bool same_boot, const Now& now) const {
      constexpr auto order = std::memory_order_acquire;
      return same_boot ? now.boot.time_since_epoch().count() >= boot.load(order)
                       : now.wall.time_since_epoch().count() >= wall.load(order);
    }
  };
  static constexpr std::int64_t unused = INT64_MAX;  // as a deadline: never reached

  struct Slot {
    Boot boot;
    Time published;
    Word terms;
    std::array<Change, max_coming> coming{};
  };

  /// Reads the slot that holds, again if it was written over meanwhile, that is after two plans.
  /// All of a slot is loaded with acquire and stored with release: a reader that sees a word of a
  /// later plan then sees the raised number too.
  template <class Take>
  auto read(Take take) const {
    for (;;) {
      const std::uint64_t sequence = sequence_.load(std::memory_order_acquire);
      auto taken = take(slots_[sequence % slots_.size()]);
      if (sequence_.load(std::memory_order_acquire) == sequence) return taken;
    }
  }
  // Inline, as these are in the way of every call.
  static Terms terms_at(const Slot& slot, const Now& now) {
    const bool same_boot = slot.boot.is(now.boot_id);
    std::uint64_t word = slot.terms.load(std::memory_order_acquire);
    for (const Change& change : slot.coming) {
      if (!change.passed(same_boot, now)) break;
      word = change.terms.load(std::memory_order_acquire);
    }
    return Terms::of_word(word);
  }
  [[nodiscard]] Terms terms(const Now& now) const {
    return read([&](const Slot& slot) { return terms_at(slot, now); });
  }
  [[nodiscard]] bool well_formed() const;

  // These three are first in every version, so that another one is told from damage. They are read
  // as bytes, before there is known to be a gate.
  [[maybe_unused]] std::array<char, 16> magic_;
  [[maybe_unused]] std::uint32_t version_;
  [[maybe_unused]] std::uint32_t size_;

  Boot boot_;   // that the gate counts in
  Time begun_;  // wall clock, ms
  Gate gate_;   // its own mode and limit are not used
  alignas(64) Word sequence_{0};
  std::array<Slot, 2> slots_{};
  Word failed_call_log_{0};
  Word failed_calls_lost_{0};
  Word stripes_taken_{0};
};

static_assert(std::is_standard_layout_v<SharedGate> &&
              std::is_trivially_destructible_v<SharedGate>);

}  // namespace smartlic::admission
