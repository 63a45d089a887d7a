#pragma once
// Counting a pool's devices by mode while time passes, and writing the fleet's series.

#include <cstdint>

#include "foundation/mode.hpp"
#include "simulation/fleet_result.hpp"

namespace smartlic::simulation {

/// The devices of one pool, by what their mode means. Changes come in the order of time; at each
/// instant of the series the state after all changes up to and at it is written into `result`.
class FleetCensus {
 public:
  FleetCensus(const FleetPlan& plan, FleetResult& result)
      : plan_{plan},
        result_{result},
        last_{plan.start},
        next_sample_{plan.start},
        bin_end_{plan.start + plan.step} {}

  void mode_changed(UtcTime at, Mode before, Mode after) {
    pass_to(at);
    count(before, -1);
    count(after, 1);
  }
  void requested(UtcTime at, bool answered);
  /// Time ends here.
  void finish() { pass_to(plan_.end); }

 private:
  void pass_to(UtcTime at) {
    if (at > next_sample_) write_samples(at);
    const auto length = static_cast<std::uint64_t>((at - last_).count());
    auto& totals = result_.totals;
    totals.enabled_ms += length * enabled_;
    totals.blocked_ms += length * blocked_;
    totals.out_of_compliance_ms += length * out_;
    last_ = at;
  }
  void count(Mode mode, int change) {
    const auto by = static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
    if (mode == Mode::Disabled) return;  // nobody has enabled it yet, or it is gone
    enabled_ += by;
    if (!calls_allowed(mode)) blocked_ += by;
    if (mode == Mode::OutOfCompliance) out_ += by;
  }
  void write_samples(UtcTime before);
  void write(FractionSeries& series, std::uint64_t devices) const;

  const FleetPlan& plan_;
  FleetResult& result_;
  UtcTime last_;
  UtcTime next_sample_;
  std::size_t sample_ = 0;  // index of next_sample_
  UtcTime bin_end_;         // of the requests' present bin; requests may run ahead of mode changes
  std::size_t bin_ = 0;
  std::uint64_t enabled_ = 0;
  std::uint64_t blocked_ = 0;
  std::uint64_t out_ = 0;
};

}  // namespace smartlic::simulation
