#include "identity/der.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace smartlic::identity {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int first_generalized_year = 2050;

/// Header and content of the DER element that `at` begins with; empty if it has none of that kind.
struct Element {
  ByteView content;
  ByteView whole;
};
Element sequence_at(ByteView at) {
  const unsigned char* content = at.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int kind = ASN1_get_object(&content, &size, &tag, &tag_class, static_cast<long>(at.size()));
  if (kind != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE || tag_class != V_ASN1_UNIVERSAL) {
    return {};
  }
  const auto header = static_cast<std::size_t>(content - at.data());
  const auto length = static_cast<std::size_t>(size);
  return {at.subspan(header, length), at.first(header + length)};
}

/// A point in time as people write it, cut to whole seconds.
struct Civil {
  explicit Civil(UtcTime time)
      : date{floor<days>(time)}, clock{floor<seconds>(time) - floor<days>(time)} {}

  /// `format` takes the six numbers from the year to the second: the year, hour, minute and second
  /// as int, the others unsigned.
  [[nodiscard]] std::string print(const char* format) const {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
  }

  year_month_day date;
  std::chrono::hh_mm_ss<seconds> clock;
};

/// YYYYMMDDHHMMSS as a point in time; nothing if a field is out of its range.
std::optional<UtcTime> civil(const std::array<int, 7>& two_digits) {
  const auto [century, yy, mm, dd, hour, minute, second] = two_digits;
  const year_month_day date{year{century * 100 + yy}, month{static_cast<unsigned>(mm)},
                            day{static_cast<unsigned>(dd)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

}  // namespace

ByteView signed_part(ByteView der) { return sequence_at(sequence_at(der).content).whole; }

Result<Algorithm> signature_algorithm_of(const X509_ALGOR& identifier) {
  const ASN1_OBJECT* object = nullptr;
  int parameters = 0;
  X509_ALGOR_get0(&object, &parameters, nullptr, &identifier);
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_ecdsa_with_SHA256 && parameters == V_ASN1_UNDEF) return Algorithm::es256;
  if (nid == NID_sha256WithRSAEncryption && parameters == V_ASN1_NULL) return Algorithm::rs256;
  return Error{Errc::algorithm_refused,
               "a signature is ecdsa-with-SHA256 or sha256WithRSAEncryption"};
}

ByteView key_bits(const PublicKey& key) {
  const auto content = sequence_at(key.spki_der()).content;
  const auto bit_string = content.subspan(sequence_at(content).whole.size());
  const unsigned char* bits = bit_string.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  ASN1_get_object(&bits, &size, &tag, &tag_class, static_cast<long>(bit_string.size()));
  return {bits + 1, static_cast<std::size_t>(size) - 1};
}

bool set_public_key(X509_PUBKEY* target, const PublicKey& key) {
  const auto bits = key_bits(key);
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(bits.data(), bits.size()));
  const bool ec = key.algorithm() == Algorithm::es256;
  return X509_PUBKEY_set0_param(
             target, OBJ_nid2obj(ec ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption),
             ec ? V_ASN1_OBJECT : V_ASN1_NULL, ec ? OBJ_nid2obj(NID_X9_62_prime256v1) : nullptr,
             copy, static_cast<int>(bits.size())) == 1;
}

std::string single_attribute(const X509_NAME& name, int nid) {
  const int at = X509_NAME_get_index_by_NID(&name, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(&name, nid, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(&name, at)));
  if (size < 0) return {};
  std::string out{reinterpret_cast<char*>(text), static_cast<std::size_t>(size)};
  OPENSSL_free(text);
  return out;
}

std::optional<UtcTime> time_of(const ASN1_TIME& time) {
  const bool generalized = ASN1_STRING_type(&time) == V_ASN1_GENERALIZEDTIME;
  const auto text = ossl::view(&time);
  std::size_t at = generalized ? 0 : 1;  // a UTCTime has no century
  if (text.size() != 2 * (7 - at) + 1 || text.back() != 'Z') return std::nullopt;
  std::array<int, 7> fields{};
  for (auto digits = text.first(text.size() - 1); !digits.empty(); digits = digits.subspan(2)) {
    const auto is_digit = [](std::uint8_t c) { return c >= '0' && c <= '9'; };
    if (!is_digit(digits[0]) || !is_digit(digits[1])) return std::nullopt;
    fields[at++] = (digits[0] - '0') * 10 + (digits[1] - '0');
  }
  if (!generalized) fields[0] = fields[1] < 50 ? 20 : 19;
  if (generalized && fields[0] * 100 + fields[1] < first_generalized_year) return std::nullopt;
  return civil(fields);
}

ossl::Time to_asn1_time(UtcTime time) {
  const Civil at{time};
  const int yyyy = static_cast<int>(at.date.year());
  if (yyyy < 1950 || yyyy > 9999) return nullptr;
  const bool generalized = yyyy >= first_generalized_year;
  const std::string text = at.print("%04d%02u%02u%02d%02d%02dZ").substr(generalized ? 0 : 2);
  ossl::Time out{ASN1_TIME_new()};
  ASN1_STRING_set(out.get(), text.data(), static_cast<int>(text.size()));
  out->type = generalized ? V_ASN1_GENERALIZEDTIME : V_ASN1_UTCTIME;
  return out;
}

std::string utc_text(UtcTime time) {
  return Civil{time}.print("%04d-%02u-%02u %02d:%02d:%02d UTC");
}

}  // namespace smartlic::identity
