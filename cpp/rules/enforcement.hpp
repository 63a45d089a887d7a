#pragma once
// RULES E1 and E2: the mode as a pure function of stored facts and licensing time, by one table
// (S1-S6).

#include <array>
#include <optional>
#include <string_view>

#include "foundation/mode.hpp"
#include "foundation/time.hpp"
#include "rules/periods.hpp"

namespace smartlic::rules {

/// A granting answer that was accepted (E2). It stays *held* after its end, until replaced or
/// dropped.
struct Authorization {
  UtcTime start{};  ///< the answer's start_date (D2)
  UtcTime
      bound{};  ///< end of the ID certificate held at acceptance; moved by renewals made in time
  bool out_of_compliance = false;  ///< what the answer said (S3)

  [[nodiscard]] constexpr UtcTime own_end(const Periods& periods) const {
    return start + periods.authorization;
  }
  [[nodiscard]] constexpr UtcTime end(const Periods& periods) const {
    return std::min(own_end(periods), bound);
  }
  /// A tie counts as its own period (E2).
  [[nodiscard]] constexpr bool ends_by_own_period(const Periods& periods) const {
    return own_end(periods) <= bound;
  }

  friend bool operator==(const Authorization&, const Authorization&) = default;
};

/// What the mode depends on besides time.
struct Facts {
  bool enabled = false;
  std::optional<Authorization> authorization;
  Ms evaluation_used{0};

  friend bool operator==(const Facts&, const Facts&) = default;
};

/// The conditions of E1, in the words of its second column.
enum class Condition : std::uint8_t {
  not_enabled,
  authorization_valid,
  authorization_over_by_own_period,
  evaluation_left,
  otherwise,
};

/// One row of E1. `mode_if_out` differs only where the answer's compliance status decides.
struct EnforcementRow {
  Condition when;
  Mode mode;
  Mode mode_if_out;
};

using EnforcementTable = std::array<EnforcementRow, 5>;

/// E1. The first row whose condition holds gives the mode.
inline constexpr EnforcementTable enforcement_table{{
    {Condition::not_enabled, Mode::Disabled, Mode::Disabled},
    {Condition::authorization_valid, Mode::InCompliance, Mode::OutOfCompliance},
    {Condition::authorization_over_by_own_period, Mode::AuthorizationExpired,
     Mode::AuthorizationExpired},
    {Condition::evaluation_left, Mode::Eval, Mode::Eval},
    {Condition::otherwise, Mode::EvalExpired, Mode::EvalExpired},
}};
static_assert(enforcement_table.back().when == Condition::otherwise, "some row always matches");

/// Whether a condition holds. A deadline is reached at its exact instant (E3).
[[nodiscard]] constexpr bool holds(Condition condition, const Facts& facts, const Periods& periods,
                                   UtcTime at) {
  const auto& held = facts.authorization;
  switch (condition) {
    case Condition::not_enabled:
      return !facts.enabled;
    case Condition::authorization_valid:
      return held && at < held->end(periods);
    case Condition::authorization_over_by_own_period:
      return held && at >= held->end(periods) && held->ends_by_own_period(periods);
    case Condition::evaluation_left:
      return facts.evaluation_used < periods.evaluation;
    case Condition::otherwise:
      return true;
  }
  return false;
}

/// The mode that `table` gives for these facts at licensing time `at`; EvalExpired if no row
/// matches.
[[nodiscard]] constexpr Mode mode_at(const Facts& facts, const Periods& periods, UtcTime at,
                                     const EnforcementTable& table = enforcement_table) {
  for (const auto& row : table) {
    if (!holds(row.when, facts, periods, at)) continue;
    return facts.authorization && facts.authorization->out_of_compliance ? row.mode_if_out
                                                                         : row.mode;
  }
  return Mode::EvalExpired;
}

[[nodiscard]] constexpr std::string_view to_string(Condition condition) {
  constexpr std::array<std::string_view, 5> names{
      "smart licensing not enabled", "authorization held, before its end",
      "authorization over by its own period", "evaluation time left", "otherwise"};
  return names[static_cast<std::size_t>(condition)];
}

}  // namespace smartlic::rules
