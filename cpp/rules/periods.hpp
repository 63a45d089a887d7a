#pragma once
// Every length of time that the rules use, in one struct: the defaults are the source's, a scenario
// may change them.

#include <algorithm>

#include "foundation/time.hpp"

namespace smartlic::rules {

/// Policy parameters of one device. All are positive.
struct Periods {
  Ms evaluation = 90 * one_day;             ///< S1, RULES E4
  Ms authorization = authorization_period;  ///< D3, RULES E5: from the answer's start_date
  Ms certificate_warning =
      30 * one_day;  ///< "certificate ending soon" this long before its end (E10)
  Ms evaluation_warning = 14 * one_day;    ///< "evaluation ending soon" with this much left (E10)
  Ms ask_min = std::chrono::seconds{60};   ///< floor of an answer's retry_interval (E8)
  Ms ask_max = 30 * one_day;               ///< ceiling of it (E8, F3)
  Ms ask_denied = std::chrono::hours{12};  ///< next ask after a refusal that names no time (D7)
  Ms renew_min =
      one_day;  ///< floor of renew_interval; its ceiling is half the certificate's life (E8)
  Ms retry_base = std::chrono::seconds{60};  ///< first back-off window (E8)
  Ms retry_max = std::chrono::hours{12};     ///< largest back-off window (E8)
  int jitter_percent = 5;                    ///< regular asks come up to this much earlier (E8)
  bool full_jitter = true;  ///< retries are drawn from their window; false: they wait all of it

  friend bool operator==(const Periods&, const Periods&) = default;
};

/// When to ask next, as an answer's `retry_interval` says it (E8).
[[nodiscard]] constexpr Ms ask_interval(const Periods& periods, Ms retry_interval) {
  return std::clamp(retry_interval, periods.ask_min, periods.ask_max);
}

/// How long after issuance a certificate of this life is renewed (E7, E8, D1).
[[nodiscard]] constexpr Ms renew_interval(const Periods& periods, Ms asked, Ms certificate_life) {
  return std::clamp(asked, std::min(periods.renew_min, certificate_life / 2), certificate_life / 2);
}

}  // namespace smartlic::rules
