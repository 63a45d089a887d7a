// Fleets: plan, run, result (cpp/simulation).

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "guarded.hpp"
#include "register.hpp"
#include "simulation/fleet.hpp"
#include "time_casters.hpp"
#include "values.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using simulation::FleetPlan;
using simulation::FleetResult;
using simulation::fraction_levels;
using simulation::FractionSeries;

using Counts = std::vector<std::uint64_t>;
using TwoTimes = std::pair<UtcTime, UtcTime>;
using TwoLengths = std::pair<Ms, Ms>;
using TwoNumbers = std::pair<std::int64_t, std::int64_t>;

simulation::Range range_from(const TwoNumbers& pair) { return {pair.first, pair.second}; }
simulation::Range range_from(const TwoLengths& pair) {
  return {pair.first.count(), pair.second.count()};
}
simulation::Faults faults_from(const std::optional<TwoLengths>& pair) {
  return pair ? simulation::Faults{pair->first, pair->second} : simulation::Faults{};
}

/// Takes named arguments out of what was given; what is left over has no meaning.
class Arguments {
 public:
  explicit Arguments(py::kwargs given) : given_{std::move(given)} {}

  template <class T, class Set>
  void take(const char* name, Set set) {
    if (!given_.contains(name)) return;
    set(given_[name].cast<T>());
    given_.attr("pop")(name);
  }
  template <class T>
  void take(const char* name, T& into) {
    take<T>(name, [&](T value) { into = std::move(value); });
  }
  void finish() const {
    if (given_.empty()) return;
    const auto first = py::str((*given_.begin()).first).cast<std::string>();
    throw py::type_error("FleetPlan has no " + first + ": see its documentation");
  }

 private:
  py::kwargs given_;
};

void take_terms(Arguments& given, FleetPlan& plan) {
  given.take("periods", plan.periods);
  given.take("certificate", plan.certificate);
  given.take("renew_interval", plan.renew_interval);
  given.take("retry_in_compliance", plan.retry_in_compliance);
  given.take("retry_out_of_compliance", plan.retry_out_of_compliance);
  given.take("late_renewal", plan.late_renewal);
}

void take_devices(Arguments& given, FleetPlan& plan) {
  given.take<TwoLengths>("enabled_after",
                         [&](const auto& it) { plan.enabled_after_ms = range_from(it); });
  given.take<TwoLengths>("registered_after",
                         [&](const auto& it) { plan.registered_after_ms = range_from(it); });
  given.take<TwoNumbers>("requested", [&](const auto& it) { plan.requested = range_from(it); });
  given.take<TwoNumbers>("purchased",
                         [&](const auto& it) { plan.purchased_permille = range_from(it); });
  given.take<std::vector<std::pair<UtcTime, std::int64_t>>>("purchases", [&](const auto& all) {
    for (const auto& [at, permille] : all) plan.purchases.push_back({at, permille});
  });
}

void take_troubles(Arguments& given, FleetPlan& plan) {
  given.take<std::vector<TwoTimes>>("outages", [&](const auto& all) {
    for (const auto& [start, end] : all) plan.outages.push_back({start, end});
  });
  given.take<std::optional<TwoLengths>>(
      "manager_faults", [&](const auto& it) { plan.manager_faults = faults_from(it); });
  given.take<std::optional<TwoLengths>>(
      "link_faults", [&](const auto& it) { plan.link_faults = faults_from(it); });
  given.take("replaced_after", plan.replaced_after);
}

void take_counted(Arguments& given, FleetPlan& plan) {
  given.take<TwoNumbers>("busy_millicps",
                         [&](const auto& it) { plan.traffic.busy_millicps = range_from(it); });
  given.take("curve", plan.traffic.curve);
  given.take("cps_per_licence", plan.traffic.cps_per_licence);
  given.take<std::optional<std::tuple<UtcTime, Ms, std::uint32_t>>>("load", [&](const auto& it) {
    if (it) plan.load = {std::get<0>(*it), std::get<1>(*it), std::get<2>(*it)};
  });
}

FleetPlan plan_from(const py::kwargs& keywords) {
  Arguments given{py::dict(keywords).attr("copy")().cast<py::kwargs>()};
  FleetPlan plan;
  given.take("seed", plan.seed);
  given.take("pools", plan.pools);
  given.take("devices", plan.devices);
  given.take("start", plan.start);
  given.take("end", plan.end);
  given.take("step", plan.step);
  take_terms(given, plan);
  take_devices(given, plan);
  take_troubles(given, plan);
  take_counted(given, plan);
  given.finish();
  unwrap(check(plan));
  return plan;
}

void check_pools(const FleetPlan& plan, std::uint64_t first, std::uint64_t count) {
  if (first + count <= plan.pools) return;
  throw_error({Errc::invalid_argument, "the fleet has " + std::to_string(plan.pools) + " pools"});
}

FleetResult run_fleet(const FleetPlan& plan, std::uint32_t first, std::uint32_t count) {
  check_pools(plan, first, count);
  return without_gil([&] { return simulation::run_pools(plan, first, count); });
}

rules::Events trace(const FleetPlan& plan, std::uint32_t pool, std::uint32_t device) {
  check_pools(plan, pool, 1);
  if (device >= plan.devices)
    throw_error(
        {Errc::invalid_argument, "a pool has " + std::to_string(plan.devices) + " devices"});
  return without_gil([&] { return simulation::trace_device(plan, pool, device); });
}

// --- results

py::array_t<std::uint64_t> array(const Counts& counts) {
  return py::array_t<std::uint64_t>(static_cast<py::ssize_t>(counts.size()), counts.data());
}

py::array_t<std::uint32_t> levels(const FractionSeries& series) {
  const auto instants = static_cast<py::ssize_t>(series.devices.size());
  const py::array::ShapeContainer shape{instants, static_cast<py::ssize_t>(fraction_levels)};
  return py::array_t<std::uint32_t>(shape, series.pools.data());
}

struct Total {
  const char* name;
  std::uint64_t simulation::FleetTotals::*member;
};

constexpr std::array totals_fields{
    Total{"pools", &simulation::FleetTotals::pools},
    Total{"enabled_ms", &simulation::FleetTotals::enabled_ms},
    Total{"blocked_ms", &simulation::FleetTotals::blocked_ms},
    Total{"out_of_compliance_ms", &simulation::FleetTotals::out_of_compliance_ms},
    Total{"devices_ever_blocked", &simulation::FleetTotals::devices_ever_blocked},
    Total{"product_instances", &simulation::FleetTotals::product_instances},
    Total{"requests", &simulation::FleetTotals::requests},
    Total{"unanswered", &simulation::FleetTotals::unanswered},
    Total{"calls_offered", &simulation::FleetTotals::calls_offered},
    Total{"calls_rejected_by_mode", &simulation::FleetTotals::calls_rejected_by_mode},
    Total{"calls_rejected_by_rate", &simulation::FleetTotals::calls_rejected_by_rate},
};

using PlainDict = py::typing::Dict<py::str, py::object>;
using Pickled = py::typing::Tuple<py::bytes, py::ellipsis>;

PlainDict totals(const FleetResult& result) {
  PlainDict out;
  for (const auto& [name, member] : totals_fields) out[name] = result.totals.*member;
  py::dict events;
  for (std::size_t kind = 0; kind < rules::event_kinds; ++kind) {
    events[py::str(std::string{to_string(static_cast<rules::EventKind>(kind))})] =
        result.totals.events[kind];
  }
  out["events"] = std::move(events);
  return out;
}

Counts flat_totals(const FleetResult& result) {
  Counts out;
  for (const auto& [name, member] : totals_fields) out.push_back(result.totals.*member);
  out.insert(out.end(), result.totals.events.begin(), result.totals.events.end());
  return out;
}

template <class Number>
py::bytes packed(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

template <class Number>
void unpack(const py::handle& bytes, std::vector<Number>& into) {
  const auto view = bytes.cast<std::string_view>();
  into.resize(view.size() / sizeof(Number));
  std::memcpy(into.data(), view.data(), into.size() * sizeof(Number));
}

Pickled pickled(const FleetResult& r) {
  return py::make_tuple(packed(r.blocked.devices), packed(r.blocked.pools),
                        packed(r.out_of_compliance.devices), packed(r.out_of_compliance.pools),
                        packed(r.enabled), packed(r.requests), packed(r.unanswered), packed(r.load),
                        packed(flat_totals(r)));
}

FleetResult unpickled(const Pickled& state) {
  FleetResult r;
  unpack(state[0], r.blocked.devices);
  unpack(state[1], r.blocked.pools);
  unpack(state[2], r.out_of_compliance.devices);
  unpack(state[3], r.out_of_compliance.pools);
  unpack(state[4], r.enabled);
  unpack(state[5], r.requests);
  unpack(state[6], r.unanswered);
  unpack(state[7], r.load);
  Counts numbers;
  unpack(state[8], numbers);
  for (std::size_t at = 0; at < totals_fields.size(); ++at)
    r.totals.*totals_fields[at].member = numbers.at(at);
  for (std::size_t kind = 0; kind < rules::event_kinds; ++kind)
    r.totals.events[kind] = numbers.at(totals_fields.size() + kind);
  return r;
}

void register_result(py::module_& module) {
  py::class_<FleetResult> type(
      module, "FleetResult",
      R"(What became of pools of a fleet: whole numbers only, so merging parts is exact in any order.

Arrays are copies, one number for each instant of the series: start, start + step, ...)");
  type.def_property_readonly(
          "enabled", [](const FleetResult& r) { return array(r.enabled); }, "Devices enabled.")
      .def_property_readonly(
          "blocked", [](const FleetResult& r) { return array(r.blocked.devices); },
          "Devices enabled whose mode rejects calls.")
      .def_property_readonly(
          "out_of_compliance",
          [](const FleetResult& r) { return array(r.out_of_compliance.devices); },
          "Devices in OutOfCompliance.")
      .def_property_readonly(
          "blocked_pools", [](const FleetResult& r) { return levels(r.blocked); },
          "Shape (instants, 201): how many pools had which fraction of their devices blocked;\n"
          "the level is the fraction in half percents, rounded up.")
      .def_property_readonly(
          "out_of_compliance_pools",
          [](const FleetResult& r) { return levels(r.out_of_compliance); },
          "The same for OutOfCompliance.")
      .def_property_readonly(
          "requests", [](const FleetResult& r) { return array(r.requests); },
          "Requests made from this instant until the next one.")
      .def_property_readonly(
          "unanswered", [](const FleetResult& r) { return array(r.unanswered); },
          "Of these, the ones that got no answer.")
      .def_property_readonly(
          "load", [](const FleetResult& r) { return array(r.load); },
          "Requests in each bin of the plan's load window.")
      .def_property_readonly("totals", &totals,
                             "Sums: times in device-milliseconds, calls, and events by kind.")
      .def(
          "merge", [](FleetResult& self, const FleetResult& other) { unwrap(self.merge(other)); },
          "other"_a, "Add another part of the same fleet. Raises InputError for another size.")
      .def("__repr__",
           [](const FleetResult& r) {
             return "<FleetResult of " + std::to_string(r.totals.pools) + " pools, " +
                    std::to_string(r.totals.requests) + " requests>";
           })
      .def(py::pickle(&pickled, &unpickled));
  define_equality(type);
}

}  // namespace

void register_fleet(py::module_& module) {
  py::class_<FleetPlan>(
      module, "FleetPlan",
      R"(What a fleet is and what happens to it; two equal plans have one result, whoever computes it.

Keyword arguments: seed, pools, devices (a pool), start, end, step; periods, certificate, renew_interval,
retry_in_compliance, retry_out_of_compliance, late_renewal; enabled_after and registered_after (two timedeltas each),
requested (two counts), purchased (two permilles of what is requested), purchases [(time, permille)]; outages [(start,
end)], manager_faults, link_faults (mean time between, mean length), replaced_after (mean life); busy_millicps (two
numbers), curve (24 permilles), cps_per_licence; load (start, step, bins). Raises InputError for what cannot be.)")
      .def(py::init(&plan_from))
      .def_property_readonly("samples", &simulation::samples, "Instants of the series.")
      .def_readonly("pools", &FleetPlan::pools, "Pools in all.")
      .def_readonly("devices", &FleetPlan::devices, "Devices in each pool.");
  register_result(module);
  module.def("run_fleet", &run_fleet, "plan"_a, py::kw_only(), "first"_a, "count"_a,
             "Live the pools first, first + 1, ... of a plan. Releases the GIL.");
  module.def("trace_device", &trace, "plan"_a, py::kw_only(), "pool"_a, "device"_a,
             "The events of one device in a life of its whole pool (RULES E10).");
}

}  // namespace smartlic::bindings
