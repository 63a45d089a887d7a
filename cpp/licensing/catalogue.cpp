#include "licensing/catalogue.hpp"

#include <algorithm>

namespace smartlic::licensing {
namespace {

// So that no sum over a request, nor a window's of it, overflows 64 bits (C1, C2).
constexpr std::int64_t max_cps = 100'000;

}  // namespace

Catalogue::Catalogue()
    : entries_{{"CUSP-5", "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01",
                5, "1.0", "CUSP-5 calls per second"}} {}

Result<Catalogue> Catalogue::make(std::vector<CatalogueEntry> entries) {
  for (auto each = entries.begin(); each != entries.end(); ++each) {
    if (each->short_name.empty() || each->tag.empty() || each->cps < 0 || each->cps > max_cps) {
      return Error{Errc::invalid_argument,
                   "a catalogue entry needs a short name, a tag and a rate of 0 to 100,000"};
    }
    const bool twice = std::any_of(entries.begin(), each, [&](const CatalogueEntry& other) {
      return other.short_name == each->short_name || other.tag == each->tag;
    });
    if (twice)
      return Error{Errc::invalid_argument, "the catalogue has '" + each->short_name + "' twice"};
  }
  Catalogue out;
  out.entries_ = std::move(entries);
  return out;
}

Result<CatalogueEntry> Catalogue::resolve(std::string_view name) const {
  std::string known;
  for (const auto& each : entries_) {
    if (each.short_name == name || each.tag == name) return each;
    known.append(known.empty() ? "" : ", ").append(each.short_name);
  }
  return Error{Errc::unknown_tag, "'" + std::string{name} + "'; known: " + known};
}

std::optional<std::int64_t> Catalogue::cps(std::string_view tag) const {
  for (const auto& each : entries_) {
    if (each.tag == tag) return each.cps;
  }
  return std::nullopt;
}

}  // namespace smartlic::licensing
