#include "foundation/uuid.hpp"

namespace smartlic {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool is_dash(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace

Uuid Uuid::from_entropy(const std::array<std::uint8_t, 16>& entropy) {
  Uuid out{entropy};
  out.bytes[6] = static_cast<std::uint8_t>((out.bytes[6] & 0x0F) | 0x40);  // version 4
  out.bytes[8] = static_cast<std::uint8_t>((out.bytes[8] & 0x3F) | 0x80);  // variant 10
  return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return Error{Errc::invalid_argument, "a UUID has 36 characters"};
  Uuid out;
  std::size_t nibble = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_dash(at)) {
      if (text[at] != '-') return Error{Errc::invalid_argument, "a UUID has the form 8-4-4-4-12"};
      continue;
    }
    const auto digit = hex_digits.find(text[at]);
    if (digit == std::string_view::npos) {
      return Error{Errc::invalid_argument, "a UUID is written in lower-case hexadecimal"};
    }
    auto& byte = out.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((unsigned{byte} << 4U) | digit);
    ++nibble;
  }
  return out;
}

std::string Uuid::to_string() const {
  std::string out;
  out.reserve(36);
  for (const auto byte : bytes) {
    if (is_dash(out.size())) out += '-';
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 0x0F];
  }
  return out;
}

}  // namespace smartlic
