#include "identity/serial.hpp"

#include <algorithm>

#include "identity/encoding.hpp"

namespace smartlic::identity {

Result<SerialNumber> SerialNumber::from_u64(std::uint64_t value) {
  std::array<std::uint8_t, 8> big_endian{};
  for (std::size_t at = 0; at < big_endian.size(); ++at) {
    big_endian[at] = static_cast<std::uint8_t>(value >> (56 - 8 * at));
  }
  return from_bytes(big_endian);
}

Result<SerialNumber> SerialNumber::from_bytes(ByteView big_endian) {
  const auto first =
      std::find_if(big_endian.begin(), big_endian.end(), [](auto b) { return b != 0; });
  Bytes magnitude(first, big_endian.end());
  if (magnitude.empty()) return Error{Errc::invalid_argument, "a serial number is not zero"};
  // The top bit would cost a 21st octet, because DER integers are signed.
  if (magnitude.size() > 20 || (magnitude.size() == 20 && magnitude.front() >= 0x80)) {
    return Error{Errc::invalid_argument, "a serial number has at most 20 octets"};
  }
  return SerialNumber{std::move(magnitude)};
}

Result<SerialNumber> SerialNumber::parse(std::string_view hex_text) {
  constexpr std::string_view digits = "0123456789abcdef";
  Bytes octets;
  for (std::size_t at = 0; at + 1 < hex_text.size(); at += 2) {
    const auto high = digits.find(hex_text[at]);
    const auto low = digits.find(hex_text[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) break;
    octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  auto out = from_bytes(octets);
  if (!out || out->to_string() != hex_text) {
    return Error{Errc::invalid_argument, "serial number '" + std::string{hex_text} + "'"};
  }
  return out;
}

SerialNumber SerialNumber::random(Entropy& entropy) {
  Bytes magnitude = entropy.bytes(16);
  magnitude.front() |= 0x80;
  return SerialNumber{std::move(magnitude)};
}

std::string SerialNumber::to_string() const { return hex(magnitude_); }

std::strong_ordering operator<=>(const SerialNumber& a, const SerialNumber& b) {
  if (a.magnitude_.size() != b.magnitude_.size())
    return a.magnitude_.size() <=> b.magnitude_.size();
  return std::lexicographical_compare_three_way(a.magnitude_.begin(), a.magnitude_.end(),
                                                b.magnitude_.begin(), b.magnitude_.end());
}

}  // namespace smartlic::identity
