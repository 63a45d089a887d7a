#pragma once
// One virtual account: what was purchased, what is in use, and who is in compliance (RULES P1, P2;
// S3, S7, F6).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "foundation/time.hpp"

namespace smartlic::rules {

/// Licences bought: valid in [start, end); perpetual ones end at `never` (P1).
struct Purchase {
  std::int64_t count = 0;
  UtcTime start{};
  UtcTime end = never;
  friend bool operator==(const Purchase&, const Purchase&) = default;
};

/// P2: the whole usage of a tag against what is purchased of it.
[[nodiscard]] constexpr bool in_compliance(std::int64_t usage, std::int64_t purchased) {
  return usage <= purchased;
}

/// How many of these purchases are valid at `at`.
[[nodiscard]] std::int64_t purchased_at(std::span<const Purchase> purchases, UtcTime at);

/// What one instance uses of one tag. Tags are small numbers here; a catalogue gives them their
/// names.
struct TagCount {
  std::uint32_t tag = 0;
  std::int64_t count = 0;
  friend bool operator==(const TagCount&, const TagCount&) = default;
};

/// The pool of one virtual account. Usage of a tag is the sum of the latest requested counts of its
/// instances (S7); it ends at the instant given with it, or when it is replaced or released (P1).
/// `now` must not fall. Tags and instances may be numbered freely, but densely: memory grows with
/// the largest of each. Not thread-safe.
class Pool {
 public:
  using InstanceId = std::uint32_t;

  /// Adds licences.
  void purchase(std::uint32_t tag, const Purchase& what);

  /// Replaces what `instance` uses by `wanted`, at once and as a whole, until `until`. Each tag
  /// occurs once. Returns whether every wanted tag is in compliance now, this usage included (P2);
  /// an empty request is.
  bool use(InstanceId instance, std::span<const TagCount> wanted, UtcTime until, UtcTime now);

  /// Ends the usage of `instance` now: a refusal that drops, a deregistration, a removal (P1).
  void release(InstanceId instance);

  /// Moves the end of a usage that goes on, as a renewal in time does (P1, E2); one that has ended
  /// stays so.
  void extend(InstanceId instance, UtcTime until, UtcTime now);

  [[nodiscard]] std::int64_t purchased(std::uint32_t tag, UtcTime now) const;
  /// Usage of a tag at `now`, ended usages taken out first.
  [[nodiscard]] std::int64_t in_use(std::uint32_t tag, UtcTime now);
  /// Purchased minus in use; negative raises F6's alert.
  [[nodiscard]] std::int64_t balance(std::uint32_t tag, UtcTime now) {
    return purchased(tag, now) - in_use(tag, now);
  }
  /// What `instance` uses now; empty if nothing.
  [[nodiscard]] std::span<const TagCount> usage(InstanceId instance, UtcTime now);

 private:
  /// Most requests name one tag; those of one or two are kept in place.
  class Counts {
   public:
    void assign(std::span<const TagCount> counts);
    [[nodiscard]] std::span<const TagCount> get() const {
      if (!many_.empty()) return many_;
      return {few_.data(), size_};
    }

   private:
    std::array<TagCount, 2> few_{};
    std::size_t size_ = 0;
    std::vector<TagCount> many_;
  };
  struct Usage {
    Counts counts;
    UtcTime until = never;
    UtcTime queued = never;  ///< when its end is looked at next; never: it is not queued
  };
  struct Tag {
    std::vector<Purchase> purchases;
    std::int64_t in_use = 0;
  };
  using Ending = std::pair<UtcTime, InstanceId>;

  Tag& tag(std::uint32_t number);
  void take_out(Usage& usage);
  void enqueue(InstanceId instance, Usage& usage);
  void end_usages(UtcTime now);
  void look_at(UtcTime when, InstanceId instance, UtcTime now);

  std::vector<Tag> tags_;
  std::vector<Usage> usages_;  // by instance
  // Most ends are put off before they come: they wait in the list of a day, and only those of the
  // day that has come are put in order.
  std::map<UtcTime, std::vector<InstanceId>> later_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> today_;
  UtcTime now_ = UtcTime::min();  // of the last look
};

}  // namespace smartlic::rules
