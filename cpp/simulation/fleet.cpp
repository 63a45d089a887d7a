#include "simulation/fleet.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "rules/pool.hpp"
#include "simulation/daily_traffic.hpp"
#include "simulation/fleet_census.hpp"
#include "simulation/fleet_device.hpp"
#include "simulation/next_instants.hpp"

namespace smartlic::simulation {
namespace {

using rules::RequestKind;
using rules::Slot;

constexpr std::uint32_t the_tag = 0;  // a fleet asks for one entitlement tag

/// The manager of one pool: its licences, and whether it can be reached.
class PoolManager {
 public:
  PoolManager(const FleetPlan& plan, std::uint32_t pool, std::int64_t requested)
      : plan_{plan}, faults_{plan.manager_faults, plan.start, {plan.seed, pool, 0}} {
    CounterStream luck{~plan.seed, pool, 0};
    purchase(requested, luck.in(plan.purchased_permille), plan.start);
    for (const auto& each : plan.purchases) purchase(requested, each.permille, each.at);
  }

  /// Times do not fall.
  [[nodiscard]] bool reachable(UtcTime at) {
    const auto& outages = plan_.outages;
    while (outage_ < outages.size() && outages[outage_].end <= at) ++outage_;
    const bool out = outage_ < outages.size() && outages[outage_].start <= at;
    return !faults_.broken(at) && !out;
  }

  /// Answers a request of `device` at `now`, as the manager of production does (P1, P2, M6).
  void answer(RequestKind kind, FleetDevice& device, rules::Pool::InstanceId instance, UtcTime now,
              rules::Events& events) {
    auto& licence = device.licence;
    // What is answered is what is open, so the licence takes it.
    if (kind == RequestKind::authorization) {
      const UtcTime end =
          std::min(now + plan_.periods.authorization, licence.state().certificate->not_after);
      const rules::TagCount wanted{the_tag, device.requested};
      const bool compliant = pool_.use(instance, {&wanted, 1}, end, now);
      const Ms ask = compliant ? plan_.retry_in_compliance : plan_.retry_out_of_compliance;
      static_cast<void>(licence.handle_granted(Slot::online, {now, !compliant, ask}, now, events));
      return;
    }
    const Ms renew = rules::renew_interval(plan_.periods, plan_.renew_interval, plan_.certificate);
    const rules::CertificateFacts certificate{now, now + plan_.certificate, now + renew};
    if (kind == RequestKind::registration) {
      static_cast<void>(licence.handle_registered(Slot::online, certificate, now, events));
      return;
    }
    if (now >= licence.state().certificate->not_after + plan_.late_renewal) {  // E7
      constexpr auto refusal = Errc::certificate_expired;
      static_cast<void>(licence.handle_refused(Slot::online, refusal, {}, now, events));
      return;
    }
    static_cast<void>(licence.handle_renewed(Slot::online, certificate, now, events));
    const auto& held = licence.state().facts.authorization;
    if (held && now < held->end(plan_.periods))
      pool_.extend(instance, held->end(plan_.periods), now);
  }

 private:
  void purchase(std::int64_t requested, std::int64_t permille, UtcTime at) {
    pool_.purchase(the_tag, {requested * permille / 1000, at, never});
  }

  const FleetPlan& plan_;
  rules::Pool pool_;
  RandomOutages faults_;
  std::size_t outage_ = 0;
};

/// One pool and its devices, from the plan's start to its end.
class PoolLife {
 public:
  PoolLife(const FleetPlan& plan, std::uint32_t pool, FleetResult& result)
      : plan_{plan},
        result_{result},
        census_{plan, result},
        devices_{make_devices(plan, pool)},
        manager_{plan, pool, requested()},
        instants_{plan.devices, plan.start} {
    for (std::uint32_t index = 0; index < plan.devices; ++index)
      instants_.set(index, devices_[index].next());
    ++result_.totals.pools;
    result_.totals.product_instances += plan.devices;
  }

  void trace(std::uint32_t device, rules::Events& into) {
    traced_ = device;
    trace_ = &into;
  }

  void run() {
    for (UtcTime now = instants_.at(); now < plan_.end; now = instants_.at()) {
      const std::uint32_t index = instants_.first();
      step(index, now);
      instants_.set(index, devices_[index].next());
    }
    for (auto& each : devices_) count_calls(each, each.licence.mode(), plan_.end);
    census_.finish();
  }

 private:
  static std::vector<FleetDevice> make_devices(const FleetPlan& plan, std::uint32_t pool) {
    std::vector<FleetDevice> devices;
    devices.reserve(plan.devices);
    for (std::uint32_t index = 0; index < plan.devices; ++index)
      devices.emplace_back(plan, pool, index);
    return devices;
  }

  [[nodiscard]] std::int64_t requested() const {
    return std::accumulate(
        devices_.begin(), devices_.end(), std::int64_t{0},
        [](std::int64_t sum, const FleetDevice& each) { return sum + each.requested; });
  }

  void step(std::uint32_t index, UtcTime now) {
    auto& device = devices_[index];
    if (now >= device.replaced_at) return replace(index, now);
    events_.clear();
    if (device.stage != Stage::registered && now >= device.acts_at) {
      count_calls(device, device.licence.mode(), now);  // while nothing was requested (C1)
      device.act(plan_, now, events_);
    } else {
      device.licence.advance(now, events_);
    }
    while (const auto kind = device.licence.poll_request()) ask(index, *kind, now);
    report(index);
  }

  void ask(std::uint32_t index, RequestKind kind, UtcTime now) {
    auto& device = devices_[index];
    device.licence.opened(Slot::online, kind, now, events_);
    const bool link_broken = device.link.broken(now);
    const bool answered = manager_.reachable(now) && !link_broken;
    census_.requested(now, answered);
    if (answered) {
      manager_.answer(kind, device, instance_of(index), now, events_);
    } else {
      device.licence.handle_no_answer(Errc::unreachable, {}, now, events_);
    }
  }

  // The broken one's usage stays until it ends by itself: nobody tells the manager (P1).
  void replace(std::uint32_t index, UtcTime now) {
    auto& device = devices_[index];
    const Mode before = device.licence.mode();
    count_calls(device, before, now);
    census_.mode_changed(now, before, Mode::Disabled);
    device.replace(plan_, now);
    ++result_.totals.product_instances;
  }

  // A product instance is one of its own for the manager; so is each that replaces it.
  [[nodiscard]] rules::Pool::InstanceId instance_of(std::uint32_t index) const {
    return devices_[index].generation * plan_.devices + index;
  }

  void report(std::uint32_t index) {
    auto& device = devices_[index];
    for (const auto& event : events_) {
      ++result_.totals.events[static_cast<std::size_t>(event.kind)];
      if (event.kind != rules::EventKind::mode_changed) continue;
      count_calls(device, event.before, event.at);
      census_.mode_changed(event.at, event.before, event.after);
      if (event.after == Mode::Disabled || calls_allowed(event.after) || device.was_blocked)
        continue;
      device.was_blocked = true;
      ++result_.totals.devices_ever_blocked;
    }
    if (trace_ != nullptr && index == traced_)
      trace_->insert(trace_->end(), events_.begin(), events_.end());
  }

  void count_calls(FleetDevice& device, Mode mode, UtcTime to) {
    const UtcTime from = std::exchange(device.calls_counted_to, to);
    if (device.busy_millicps == 0 || mode == Mode::Disabled) return;
    const bool asked = device.stage == Stage::registered;
    const std::int64_t limit = asked ? device.requested * plan_.traffic.cps_per_licence : -1;
    const auto calls = offered_calls(plan_.traffic, device.busy_millicps, limit, from, to);
    auto& totals = result_.totals;
    totals.calls_offered += calls.offered;
    (calls_allowed(mode) ? totals.calls_rejected_by_rate : totals.calls_rejected_by_mode) +=
        calls_allowed(mode) ? calls.above_limit : calls.offered;
  }

  const FleetPlan& plan_;
  FleetResult& result_;
  FleetCensus census_;
  std::vector<FleetDevice> devices_;
  PoolManager manager_;
  NextInstants instants_;
  rules::Events events_;
  std::uint32_t traced_ = 0;
  rules::Events* trace_ = nullptr;
};

}  // namespace

FleetResult run_pools(const FleetPlan& plan, std::uint32_t first, std::uint32_t count) {
  FleetResult result{plan};
  for (std::uint32_t pool = first; pool < first + count; ++pool) PoolLife{plan, pool, result}.run();
  return result;
}

rules::Events trace_device(const FleetPlan& plan, std::uint32_t pool, std::uint32_t device) {
  FleetResult result{plan};
  rules::Events events;
  PoolLife life{plan, pool, result};
  life.trace(device, events);
  life.run();
  return events;
}

}  // namespace smartlic::simulation
