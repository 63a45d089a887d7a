#include "identity/udi.hpp"

#include <algorithm>

namespace smartlic::identity {
namespace {

constexpr std::string_view product_mark = "PID:";
constexpr std::string_view serial_mark = "SN:";
constexpr std::size_t longest = 64;  // ub-serial-number (RFC 5280, appendix A)

/// X.680's PrintableString without the comma, which separates the parts.
bool is_allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{" '()+-./:=?"}.find(c) != std::string_view::npos;
}

bool is_part(std::string_view text) {
  return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

}  // namespace

Result<Udi> Udi::make(std::string product_id, std::string serial) {
  Udi udi{std::move(product_id), std::move(serial)};
  if (!is_part(udi.product_id) || udi.product_id.find(serial_mark) != std::string::npos) {
    return Error{Errc::invalid_argument,
                 "product ID '" + udi.product_id + "': letters, digits and '()+-./:=? only"};
  }
  if (!is_part(udi.serial)) {
    return Error{Errc::invalid_argument,
                 "serial number '" + udi.serial + "': letters, digits and '()+-./:=? only"};
  }
  if (udi.to_string().size() > longest) {
    return Error{Errc::invalid_argument, "a UDI has at most 64 characters: " + udi.to_string()};
  }
  return udi;
}

Result<Udi> Udi::parse(std::string_view text) {
  const auto split = text.find(serial_mark);
  if (!text.starts_with(product_mark) || split == std::string_view::npos) {
    return Error{Errc::invalid_argument, "a UDI reads PID:<PID>,SN:<SN>"};
  }
  auto product_id = text.substr(product_mark.size(), split - product_mark.size());
  if (product_id.ends_with(',')) product_id.remove_suffix(1);
  return make(std::string{product_id}, std::string{text.substr(split + serial_mark.size())});
}

std::string Udi::to_string() const {
  std::string out{product_mark};
  return out.append(product_id).append(",").append(serial_mark).append(serial);
}

std::string random_serial(Entropy& entropy) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // 5 bits a character
  constexpr std::size_t length = 11;
  std::string out;
  for (std::uint64_t bits = entropy.u64(); out.size() < length; bits >>= 5) {
    out += alphabet[bits & 31];
  }
  return out;
}

}  // namespace smartlic::identity
