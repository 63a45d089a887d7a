#pragma once
// RFC 9562 UUIDs: product instances (S12), managers (RULES M4), boots (RULES T1).

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.hpp"

namespace smartlic {

/// 128 bits, printed in the 8-4-4-4-12 form, lower case.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Makes a version 4 UUID of 16 bytes of entropy (RFC 9562, 5.4); six of the bits are
  /// overwritten.
  [[nodiscard]] static Uuid from_entropy(const std::array<std::uint8_t, 16>& entropy);

  /// Reads the canonical lower-case form only. Errors: `invalid_argument`.
  [[nodiscard]] static Result<Uuid> parse(std::string_view text);

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace smartlic
