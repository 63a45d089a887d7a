#pragma once
// Takes the members of a JSON object out with exact types: payloads, and what licensing makes
// durable.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "foundation/uuid.hpp"
#include "identity/certificate.hpp"
#include "identity/hash.hpp"
#include "message/json.hpp"

namespace smartlic::message {

/// Reads members of one object and remembers the first that was wrong, so that a decoder reads
/// straight through and asks once, at its end. A wrong member reads as an empty value.
class PayloadReader {
 public:
  explicit PayloadReader(const Json& object) : object_{object} {}

  [[nodiscard]] bool has(std::string_view member) const { return object_.find(member) != nullptr; }

  std::string text(std::string_view member);
  std::int64_t integer(std::string_view member, std::int64_t least, std::int64_t most);
  /// 1 to 2^63 - 1 (RULES M10).
  std::uint64_t request_no(std::string_view member);
  Uuid uuid(std::string_view member);
  /// Bytes in base64url.
  Bytes bytes(std::string_view member);
  identity::Sha256 sha256(std::string_view member);
  /// Milliseconds since 1970, to the end of the year 9999, which X.509 and ISO 8601 can still say.
  UtcTime time(std::string_view member);
  /// A duration in its unit, 0 to 100 years, so that sums with times do not overflow.
  Ms milliseconds(std::string_view member);
  std::chrono::seconds seconds(std::string_view member);
  /// A certificate in PEM (S13).
  std::optional<identity::Certificate> certificate(std::string_view member);
  /// The member as array or object; null if it is wrong.
  const Json::Array* array(std::string_view member);
  const Json* object(std::string_view member);

  /// Remembers a fault that the caller found; the first one stays.
  void refuse(std::string_view member, std::string_view why);
  /// The first fault; `payload_invalid`.
  [[nodiscard]] std::optional<Error> fault() const;

 private:
  const Json& object_;
  std::string fault_;
};

/// Whether a payload's `v` is ours. Errors: `version_unsupported`, `payload_invalid` if it is
/// missing.
[[nodiscard]] Result<void> check_version(const Json& payload);

}  // namespace smartlic::message
