#include "simulation/fleet_census.hpp"

namespace smartlic::simulation {

void FleetCensus::requested(UtcTime at, bool answered) {
  while (at >= bin_end_) {
    ++bin_;
    bin_end_ += plan_.step;
  }
  ++result_.requests[bin_];
  ++result_.totals.requests;
  if (!answered) {
    ++result_.unanswered[bin_];
    ++result_.totals.unanswered;
  }
  const auto& load = plan_.load;
  if (load.bins == 0 || at < load.start) return;
  const auto bin = static_cast<std::size_t>((at - load.start) / load.step);
  if (bin < load.bins) ++result_.load[bin];
}

void FleetCensus::write_samples(UtcTime before) {
  for (; next_sample_ < before && sample_ < result_.enabled.size();
       next_sample_ += plan_.step, ++sample_) {
    result_.enabled[sample_] += enabled_;
    write(result_.blocked, blocked_);
    write(result_.out_of_compliance, out_);
  }
}

void FleetCensus::write(FractionSeries& series, std::uint64_t devices) const {
  series.devices[sample_] += devices;
  ++series.pools[sample_ * fraction_levels + level_of(devices, plan_.devices)];
}

}  // namespace smartlic::simulation
