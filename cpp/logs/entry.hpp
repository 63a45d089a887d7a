#pragma once
// What an sml.log says, entry by entry (S17, S18), and what its lines count.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/time.hpp"
#include "logs/stamp.hpp"

namespace smartlic::logs {

enum class EntryKind : std::uint8_t {
  registration,           ///< the manager's answer to a registration (S13, S17)
  renewal,                ///< the same, where the entry itself says that it renews
  registered,             ///< that this answer was taken in: `{"signature"=>{...` (S17)
  authorization_request,  ///< an MMI (S15, S18)
  authorization,          ///< its answer (S16, S18)
  failure,                ///< something went wrong, in the log's own words
  unknown,                ///< it has the keys of licensing, and fits none of these
};
[[nodiscard]] std::string_view to_string(EntryKind kind);

/// Lines `first` to `last` of one source, counted from 1.
struct Lines {
  std::uint32_t source = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Lines&, const Lines&) = default;
};

/// A licence that is asked for, as written: nothing is corrected here (D4, D5).
struct Entitlement {
  std::string tag{};
  std::optional<std::int64_t> count{};
  std::string version{};
  std::string display_name{};
  std::string enforce_mode{};               ///< `out_of_compliance`
  std::optional<std::int64_t> days_left{};  ///< an artefact where it is negative (D4)
  std::optional<std::int64_t> date_day{};  ///< `@requested_date`, days since 1970 (D5: an artefact)
  std::string requested_date{};            ///< its `YEAR-MM-DD`
  friend bool operator==(const Entitlement&, const Entitlement&) = default;
};

/// One entry; what it does not say is empty or none.
struct Entry {
  EntryKind kind = EntryKind::unknown;
  Lines lines{};
  Stamp stamp{};
  std::optional<std::uint32_t> run{};  ///< index of the process's run that wrote it
  Ms elapsed{};                        ///< since that run's zero (`Run`)

  std::string level{};                           ///< `ERROR`
  std::optional<std::int64_t> id_certificate{};  ///< serial number
  std::string signing_certificate{};             ///< serial number, or `sub_ca_cert:2`
  std::optional<Ms> renew_interval{};            ///< D1: written in milliseconds
  std::string product_instance{};                ///< UUID, as written
  std::string hostname{};
  std::vector<Entitlement> entitlements{};
  std::optional<UtcTime> start_date{};                   ///< D2
  std::string compliance_status{};                       ///< `OOC`
  std::optional<std::chrono::seconds> expiry{};          ///< D3: seconds left
  std::optional<std::chrono::seconds> retry_interval{};  ///< D7
  std::string text{};                  ///< of a failure: its message, cut to 500 bytes
  std::vector<std::string> damaged{};  ///< keys whose values could not be read

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Every line is counted in `total` and in one of the others.
struct LineCounts {
  std::uint64_t total = 0;
  std::uint64_t blank = 0;
  std::uint64_t entries = 0;  ///< of entries that are listed
  std::uint64_t other = 0;    ///< of entries about other things, with what they go on with
  std::uint64_t unread = 0;   ///< text that belongs to no entry
  friend bool operator==(const LineCounts&, const LineCounts&) = default;
};

}  // namespace smartlic::logs
