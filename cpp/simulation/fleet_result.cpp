#include "simulation/fleet_result.hpp"

#include <algorithm>
#include <functional>

namespace smartlic::simulation {
namespace {

template <class Number>
void add(std::vector<Number>& into, const std::vector<Number>& from) {
  std::ranges::transform(into, from, into.begin(), std::plus<>{});
}

void add(FractionSeries& into, const FractionSeries& from) {
  add(into.devices, from.devices);
  add(into.pools, from.pools);
}

void add(FleetTotals& into, const FleetTotals& from) {
  into.pools += from.pools;
  into.enabled_ms += from.enabled_ms;
  into.blocked_ms += from.blocked_ms;
  into.out_of_compliance_ms += from.out_of_compliance_ms;
  into.devices_ever_blocked += from.devices_ever_blocked;
  into.product_instances += from.product_instances;
  into.requests += from.requests;
  into.unanswered += from.unanswered;
  into.calls_offered += from.calls_offered;
  into.calls_rejected_by_mode += from.calls_rejected_by_mode;
  into.calls_rejected_by_rate += from.calls_rejected_by_rate;
  std::ranges::transform(into.events, from.events, into.events.begin(), std::plus<>{});
}

FractionSeries empty_series(std::size_t instants) {
  return {std::vector<std::uint64_t>(instants),
          std::vector<std::uint32_t>(instants * fraction_levels)};
}

}  // namespace

FleetResult::FleetResult(const FleetPlan& plan)
    : blocked{empty_series(samples(plan))},
      out_of_compliance{empty_series(samples(plan))},
      enabled(samples(plan)),
      requests(samples(plan)),
      unanswered(samples(plan)),
      load(plan.load.bins) {}

Result<void> FleetResult::merge(const FleetResult& other) {
  if (enabled.size() != other.enabled.size() || load.size() != other.load.size())
    return Error{Errc::invalid_argument, "only parts of one fleet can be merged"};
  add(blocked, other.blocked);
  add(out_of_compliance, other.out_of_compliance);
  add(enabled, other.enabled);
  add(requests, other.requests);
  add(unanswered, other.unanswered);
  add(load, other.load);
  add(totals, other.totals);
  return {};
}

}  // namespace smartlic::simulation
