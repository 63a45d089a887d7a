#include "simulation/fleet_device.hpp"

namespace smartlic::simulation {
namespace {

// A device's streams: its life, and its link, which is asked at other times in other plans.
constexpr std::uint64_t streams_per_device = 2;

CounterStream stream_of(const FleetPlan& plan, std::uint32_t pool, std::uint32_t index,
                        std::uint64_t which) {
  return {plan.seed, pool, index * streams_per_device + which + 1};  // 0 is the pool's own
}

}  // namespace

FleetDevice::FleetDevice(const FleetPlan& plan, std::uint32_t pool, std::uint32_t index)
    : stream{stream_of(plan, pool, index, 0)},
      link{plan.link_faults, plan.start, stream_of(plan, pool, index, 1)},
      requested{stream.in(plan.requested)},
      busy_millicps{stream.in(plan.traffic.busy_millicps)},
      licence{plan.start, stream.next(), plan.periods},
      acts_at{plan.start + Ms{stream.in(plan.enabled_after_ms)}},
      calls_counted_to{plan.start} {
  draw_replacement(plan, acts_at);
}

void FleetDevice::act(const FleetPlan& plan, UtcTime now, rules::Events& events) {
  if (stage == Stage::boxed) {
    licence.enable(now, events);
    stage = Stage::enabled;
    acts_at = now + Ms{stream.in(plan.registered_after_ms)};
    return;
  }
  // Enabled, never registered and nothing under way: neither command can be refused.
  static_cast<void>(licence.request(now, events));
  static_cast<void>(licence.register_(now, events));
  stage = Stage::registered;
}

void FleetDevice::replace(const FleetPlan& plan, UtcTime now) {
  licence = rules::Licence{now, stream.next(), plan.periods};
  ++generation;
  stage = Stage::boxed;
  acts_at = now;
  was_blocked = false;
  draw_replacement(plan, now);
}

void FleetDevice::draw_replacement(const FleetPlan& plan, UtcTime now) {
  if (plan.replaced_after == Ms{0}) return;
  replaced_at = now + Ms{1} + stream.exponential(plan.replaced_after);
}

}  // namespace smartlic::simulation
