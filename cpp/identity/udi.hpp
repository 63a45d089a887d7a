#pragma once
// The UDI: which piece of product this is (S12, F2).

#include <string>
#include <string_view>

#include "foundation/result.hpp"
#include "identity/entropy.hpp"

namespace smartlic::identity {

/// Product ID and serial number. The written form `PID:<PID>,SN:<SN>` has at most 64 characters,
/// all of them PrintableString's (RULES M6); neither part is empty, has a comma, or begins or ends
/// with a space, and the product ID does not contain `SN:`, so both written forms can be read back
/// in one way only.
struct Udi {
  std::string product_id;
  std::string serial;

  /// Errors: `invalid_argument`, naming what is wrong.
  [[nodiscard]] static Result<Udi> make(std::string product_id, std::string serial);
  /// Reads `PID:<PID>,SN:<SN>` and S14's form without the comma. Errors as `make`.
  [[nodiscard]] static Result<Udi> parse(std::string_view text);
  /// `PID:<PID>,SN:<SN>`.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Udi&, const Udi&) = default;
};

/// The 11-character serial number that a product without one makes up (S12): 55 bits in digits and
/// capitals without I, L, O, U.
[[nodiscard]] std::string random_serial(Entropy& entropy);

}  // namespace smartlic::identity
