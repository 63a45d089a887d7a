#pragma once
// One device of a fleet: the Licence that production runs, and its own luck.

#include <cstdint>
#include <optional>

#include "rules/licence.hpp"
#include "simulation/counter_stream.hpp"
#include "simulation/fleet_plan.hpp"

namespace smartlic::simulation {

/// A time of its own in which something is broken: drawn one after the other, asked in the order of
/// time.
class RandomOutages {
 public:
  RandomOutages(const Faults& faults, UtcTime from, CounterStream stream)
      : faults_{faults}, stream_{stream} {
    if (faults_.between > Ms{0}) draw(from);
  }

  [[nodiscard]] bool broken(UtcTime at) {
    while (at >= current_.end) draw(current_.end);
    return at >= current_.start;
  }

 private:
  void draw(UtcTime from) {
    current_.start = from + stream_.exponential(faults_.between);
    current_.end = current_.start + Ms{1} + stream_.exponential(faults_.length);
  }

  Faults faults_;
  CounterStream stream_;
  Outage current_{never, never};
};

/// What a device does by its operator's hand, in this order: nothing yet, enabled, registered and
/// requesting.
enum class Stage : std::uint8_t { boxed, enabled, registered };

/// A device and, one after the other, the product instances that stand in its place.
struct FleetDevice {
  FleetDevice(const FleetPlan& plan, std::uint32_t pool, std::uint32_t index);

  /// When it has to be looked at next.
  [[nodiscard]] UtcTime next() const {
    const UtcTime own = stage == Stage::registered ? replaced_at : std::min(acts_at, replaced_at);
    return std::min(own, licence.next_deadline());
  }
  /// Its operator's next step at `now`.
  void act(const FleetPlan& plan, UtcTime now, rules::Events& events);
  /// A new product takes its place at `now`.
  void replace(const FleetPlan& plan, UtcTime now);

  CounterStream stream;
  RandomOutages link;
  std::int64_t requested;
  std::int64_t busy_millicps;
  rules::Licence licence;
  std::uint32_t generation = 0;
  Stage stage = Stage::boxed;
  UtcTime acts_at{};  ///< the next stage
  UtcTime replaced_at = never;
  UtcTime calls_counted_to{};  ///< traffic up to here is in the totals
  bool was_blocked = false;    ///< this product instance, once

 private:
  void draw_replacement(const FleetPlan& plan, UtcTime now);
};

}  // namespace smartlic::simulation
