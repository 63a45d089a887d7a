#pragma once
// Which of many devices comes next: a tournament over one instant each.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "foundation/time.hpp"

namespace smartlic::simulation {

/// One instant for each of `count` members, up to 2^20 of them, and the earliest of them; of equal
/// ones the lowest member. Instants are not before `origin`, and less than 500 years after it or
/// `never`. Moving one costs log2(count) comparisons and no branch that depends on them.
class NextInstants {
 public:
  NextInstants(std::uint32_t count, UtcTime origin)
      : origin_{origin},
        leaves_{std::bit_ceil(std::max(count, 2U))},
        entries_(std::size_t{2} * leaves_, nobody) {}

  void set(std::uint32_t member, UtcTime at) {
    std::size_t node = leaves_ + member;
    entries_[node] = entry(member, at);
    while (node > 1) {
      const std::uint64_t winner = std::min(entries_[node], entries_[node ^ 1U]);
      node /= 2;
      entries_[node] = winner;
    }
  }

  [[nodiscard]] std::uint32_t first() const { return member_of(entries_[1]); }
  [[nodiscard]] UtcTime at() const {
    if (entries_[1] == nobody) return never;
    return origin_ + Ms{static_cast<Ms::rep>(entries_[1] >> member_bits)};
  }

 private:
  // Instant above member, so that one comparison decides by both.
  static constexpr unsigned member_bits = 20;
  static constexpr std::uint64_t nobody = UINT64_MAX;

  static std::uint32_t member_of(std::uint64_t entry) {
    return static_cast<std::uint32_t>(entry & ((std::uint64_t{1} << member_bits) - 1));
  }
  [[nodiscard]] std::uint64_t entry(std::uint32_t member, UtcTime at) const {
    if (at == never) return nobody;
    return static_cast<std::uint64_t>((at - origin_).count()) << member_bits | member;
  }

  UtcTime origin_;
  std::size_t leaves_;
  std::vector<std::uint64_t> entries_;  // node n has the children 2n and 2n + 1; leaves come last
};

}  // namespace smartlic::simulation
