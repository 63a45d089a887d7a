#include "simulation/fleet_plan.hpp"

#include <algorithm>
#include <string>

namespace smartlic::simulation {
namespace {

constexpr std::int64_t most_devices = 1'000'000;
constexpr std::int64_t most_pools = 100'000'000;
constexpr std::int64_t most_samples = 100'000;
constexpr std::int64_t most_licences = 1'000'000;
constexpr Ms longest = 36525 * one_day;

Result<void> need(bool holds, std::string what) {
  if (holds) return {};
  return Error{Errc::invalid_argument, std::move(what)};
}

bool within(const Range& range, std::int64_t low, std::int64_t high) {
  return low <= range.low && range.low <= range.high && range.high <= high;
}

bool possible(const Faults& faults) {
  if (faults.between == Ms{0}) return true;
  return faults.between >= Ms{1000} && faults.between <= longest && faults.length >= Ms{1} &&
         faults.length <= longest;
}

bool ordered(const std::vector<Outage>& outages) {
  UtcTime last = UtcTime::min();
  for (const auto& each : outages) {
    if (each.start < last || each.end <= each.start) return false;
    last = each.end;
  }
  return true;
}

bool lively(const rules::Periods& periods) {
  const Ms least = std::min({periods.evaluation, periods.authorization, periods.ask_min,
                             periods.ask_denied, periods.retry_base, periods.retry_max});
  return least >= Ms{1000};
}

Result<void> check_size(const FleetPlan& plan) {
  if (auto ok = need(plan.pools >= 1 && plan.pools <= most_pools, "pools is 1 to 10^8"); !ok)
    return ok;
  if (auto ok =
          need(plan.devices >= 1 && plan.devices <= most_devices, "devices is 1 to 10^6 a pool");
      !ok)
    return ok;
  if (auto ok = need(plan.start < plan.end && plan.end - plan.start <= longest,
                     "end is after start, and at most 100 years after it");
      !ok)
    return ok;
  return need(plan.step >= Ms{1} && (plan.end - plan.start) / plan.step <= most_samples,
              "step is positive and not below a 100,000th of the time");
}

Result<void> check_terms(const FleetPlan& plan) {
  // Shorter ones would ask a million devices more often than anybody could mean.
  const Ms least = std::min({plan.certificate, plan.renew_interval, plan.retry_in_compliance,
                             plan.retry_out_of_compliance});
  if (auto ok = need(lively(plan.periods) && least >= Ms{1000}, "no period is shorter than 1 s");
      !ok)
    return ok;
  if (auto ok = need(plan.late_renewal >= Ms{0} && plan.late_renewal <= longest,
                     "late_renewal is 0 to 100 years");
      !ok)
    return ok;
  if (auto ok = need(within(plan.requested, 1, most_licences), "requested is 1 to 10^6 licences");
      !ok)
    return ok;
  if (auto ok = need(within(plan.purchased_permille, 0, 1'000'000) &&
                         std::ranges::all_of(plan.purchases,
                                             [](const Growth& each) {
                                               return each.permille >= 0 &&
                                                      each.permille <= 1'000'000;
                                             }),
                     "purchases are 0 to 1,000 times what is requested");
      !ok)
    return ok;
  return need(within(plan.enabled_after_ms, 0, longest.count()) &&
                  within(plan.registered_after_ms, 0, longest.count()),
              "times after the start are not negative, and at most 100 years");
}

Result<void> check_faults(const FleetPlan& plan) {
  if (auto ok = need(ordered(plan.outages), "outages are in order and do not overlap"); !ok)
    return ok;
  if (auto ok = need(possible(plan.manager_faults) && possible(plan.link_faults),
                     "faults are at least 1 s apart and 1 ms long");
      !ok)
    return ok;
  return need(plan.replaced_after == Ms{0} ||
                  (plan.replaced_after >= one_day && plan.replaced_after <= longest),
              "a device's mean life is at least a day");
}

Result<void> check_counts(const FleetPlan& plan) {
  const auto& traffic = plan.traffic;
  const bool curve = std::ranges::all_of(
      traffic.curve, [](std::int64_t each) { return each >= 0 && each <= 1000; });
  if (auto ok = need(within(traffic.busy_millicps, 0, 1'000'000'000) && curve &&
                         traffic.cps_per_licence >= 0 && traffic.cps_per_licence <= 1'000'000,
                     "traffic is 0 to 10^6 calls per second, a curve of 0 to 1 an hour");
      !ok)
    return ok;
  return need(plan.load.bins == 0 || (plan.load.bins <= most_samples && plan.load.step >= Ms{1}),
              "load has at most 100,000 bins of a positive length");
}

}  // namespace

Result<void> check(const FleetPlan& plan) {
  for (const auto& each : {check_size, check_terms, check_faults, check_counts}) {
    if (auto ok = each(plan); !ok) return ok;
  }
  return {};
}

std::uint32_t samples(const FleetPlan& plan) {
  return static_cast<std::uint32_t>((plan.end - plan.start + plan.step - Ms{1}) / plan.step);
}

}  // namespace smartlic::simulation
