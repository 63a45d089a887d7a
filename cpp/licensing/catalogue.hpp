#pragma once
// What entitlement tags mean: a short name to type, and the calls per second that one count allows
// (RULES C1; D8, F4, F5).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.hpp"

namespace smartlic::licensing {

/// One licence as it is sold.
struct CatalogueEntry {
  std::string short_name;    ///< as people type it: `CUSP-5`
  std::string tag;           ///< the whole entitlement tag (F5)
  std::int64_t cps = 0;      ///< calls per second of one count
  std::string version;       ///< as sent in a request (S18)
  std::string display_name;  ///< for people

  friend bool operator==(const CatalogueEntry&, const CatalogueEntry&) = default;
};

/// The licences that are known. The default one has the source's `CUSP-5` (D8).
class Catalogue {
 public:
  Catalogue();
  /// Errors: `invalid_argument` for a short name or tag that occurs twice, is empty, or a rate
  /// that is not 0 to 100,000.
  [[nodiscard]] static Result<Catalogue> make(std::vector<CatalogueEntry> entries);

  [[nodiscard]] const std::vector<CatalogueEntry>& entries() const { return entries_; }
  /// By short name or whole tag. Errors: `unknown_tag`, listing the known short names.
  [[nodiscard]] Result<CatalogueEntry> resolve(std::string_view name) const;
  /// Calls per second of one count of a whole tag; none if the tag is unknown.
  [[nodiscard]] std::optional<std::int64_t> cps(std::string_view tag) const;

 private:
  std::vector<CatalogueEntry> entries_;
};

}  // namespace smartlic::licensing
