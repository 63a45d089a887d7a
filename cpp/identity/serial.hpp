#pragma once
// Serial numbers of certificates.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "identity/entropy.hpp"

namespace smartlic::identity {

/// A positive integer of at most 20 octets in DER, that is below 2^159 (RFC 5280, 4.1.2.2). Ordered
/// as integers: a signing certificate with a lower number is older (RULES M3).
class SerialNumber {
 public:
  /// Errors: `invalid_argument` for zero.
  [[nodiscard]] static Result<SerialNumber> from_u64(std::uint64_t value);
  /// Big-endian; leading zeros are dropped. Errors: `invalid_argument` for zero or 2^159 and more.
  [[nodiscard]] static Result<SerialNumber> from_bytes(ByteView big_endian);
  /// What `to_string` writes, nothing else. Errors: `invalid_argument`.
  [[nodiscard]] static Result<SerialNumber> parse(std::string_view hex);
  /// 127 bits of entropy with the top bit set, so that all have 16 octets.
  [[nodiscard]] static SerialNumber random(Entropy& entropy);

  /// Lower-case hexadecimal, two digits an octet, no leading zero octet: as in JSON and in the
  /// ledger.
  [[nodiscard]] std::string to_string() const;
  /// Big-endian, no leading zero octet.
  [[nodiscard]] ByteView bytes() const { return magnitude_; }

  friend bool operator==(const SerialNumber&, const SerialNumber&) = default;
  friend std::strong_ordering operator<=>(const SerialNumber& a, const SerialNumber& b);

 private:
  explicit SerialNumber(Bytes magnitude) : magnitude_{std::move(magnitude)} {}
  Bytes magnitude_;
};

}  // namespace smartlic::identity
