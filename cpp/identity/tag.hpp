#pragma once
// Entitlement tags and software ID tags (F5).

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.hpp"
#include "foundation/uuid.hpp"

namespace smartlic::identity {

/// `regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01`, taken apart. A
/// software ID tag has the same form.
struct EntitlementTag {
  std::uint16_t year = 0;  ///< of the domain's registration, 1000 to 9999
  std::uint8_t month = 0;  ///< 1 to 12
  std::string domain;      ///< reversed: `com.cisco`; lower-case labels
  std::string feature;     ///< `CUSP-5`; letters, digits, `-` and `_`
  std::string version;     ///< `1.0`; letters, digits, `.` and `-`
  Uuid uuid;

  /// Reads the one canonical spelling. Errors: `invalid_argument`, naming the part.
  [[nodiscard]] static Result<EntitlementTag> parse(std::string_view text);
  /// The spelling that `parse` reads.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const EntitlementTag&, const EntitlementTag&) = default;
};

}  // namespace smartlic::identity
