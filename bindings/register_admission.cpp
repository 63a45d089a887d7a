// CpsWindow, Gate and Decision (RULES C1-C5).

#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "admission/cps_window.hpp"
#include "admission/gate.hpp"
#include "errors.hpp"
#include "gate_arguments.hpp"
#include "register.hpp"
#include "time_casters.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

bool has_dtype(PyObject* object) { return py::hasattr(object, "dtype"); }

bool is_datetime64(PyObject* object) {
  return has_dtype(object) && py::str("M").equal(py::handle{object}.attr("dtype").attr("kind"));
}

/// An array of NumPy or what becomes one (pandas), told from other sequences without loading NumPy.
class Array : public py::object {
  PYBIND11_OBJECT(Array, py::object, has_dtype)
};

/// A numpy.datetime64 of any unit.
class Datetime64 : public py::object {
  PYBIND11_OBJECT(Datetime64, py::object, is_datetime64)
};

/// The array that replay gives.
class Admitted : public py::object {
  PYBIND11_OBJECT(Admitted, py::object, has_dtype)
};

}  // namespace
}  // namespace smartlic::bindings

namespace pybind11::detail {

template <>
struct handle_type_name<smartlic::bindings::Array> {
  static constexpr auto name =
      const_name("numpy.typing.NDArray[numpy.integer] | numpy.typing.NDArray[numpy.datetime64]");
};
template <>
struct handle_type_name<smartlic::bindings::Datetime64> {
  static constexpr auto name = const_name("numpy.datetime64");
};
template <>
struct handle_type_name<smartlic::bindings::Admitted> {
  static constexpr auto name = const_name("numpy.typing.NDArray[numpy.bool_]");
};

}  // namespace pybind11::detail

namespace smartlic::bindings {
namespace {

using admission::Average;
using admission::CpsWindow;
using admission::Decision;
using admission::Gate;
using admission::Limit;
using admission::LimitChange;

using Times = py::array_t<std::int64_t, py::array::c_style>;
using Changes = std::vector<std::pair<std::variant<BootTime, Datetime64>, Limit>>;

// datetime64 of any unit as ns, or integers as they are. Nothing is rounded or wrapped on the way.
Times times_from(const py::object& object, const char* what) {
  const auto numpy = py::module_::import("numpy");
  py::object array = numpy.attr("asarray")(object);
  const auto kind = array.attr("dtype").attr("kind").cast<std::string>();
  const bool is_date = kind == "M";
  if (!is_date && !numpy.attr("can_cast")(array.attr("dtype"), "int64").cast<bool>()) {
    refuse(std::string{what} + ": int64 nanoseconds or datetime64 are needed, not " +
           py::str(array.attr("dtype")).cast<std::string>());
  }
  if (is_date) {
    const py::object ns = array.attr("astype")("datetime64[ns]", "copy"_a = false);
    const py::object kept = ns.attr("astype")(array.attr("dtype"), "copy"_a = false);
    if (!numpy.attr("array_equal")(kept, array).cast<bool>()) {
      refuse(std::string{what} + ": NaT, or a time that datetime64[ns] cannot hold exactly");
    }
    array = ns.attr("view")("int64");
  }
  return Times::ensure(array);
}

std::vector<LimitChange> limits_from(const Changes& changes) {
  std::vector<LimitChange> out;
  for (const auto& [from, limit] : changes) {
    if (const auto* date = std::get_if<Datetime64>(&from)) {
      out.push_back({BootTime{BootTime::duration{*times_from(*date, "changes").data()}}, limit});
    } else {
      out.push_back({std::get<BootTime>(from), limit});
    }
  }
  return out;
}

// The window is a copy, as another thread may use the one it was taken of meanwhile.
void replay_into(const CpsWindow window, std::span<const std::int64_t> arrivals,
                 const Changes& changes, std::span<std::uint8_t> admitted) {
  const auto limits = limits_from(changes);
  const auto replayed = [&] {
    const py::gil_scoped_release release;
    return window.replay(arrivals, limits, admitted);
  }();
  unwrap(replayed);
}

Admitted replay_array(const CpsWindow& window, const Array& arrivals, const Changes& changes) {
  const Times times = times_from(arrivals, "arrivals");
  if (times.ndim() != 1) refuse("arrivals: an array of one dimension is needed");
  const auto size = static_cast<std::size_t>(times.size());
  py::array_t<bool> admitted{times.size()};
  static_assert(sizeof(bool) == sizeof(std::uint8_t));
  replay_into(window, {times.data(), size}, changes,
              {reinterpret_cast<std::uint8_t*>(admitted.mutable_data()), size});
  return py::reinterpret_steal<Admitted>(admitted.release());
}

std::vector<bool> replay_sequence(const CpsWindow& window, const std::vector<BootTime>& arrivals,
                                  const Changes& changes) {
  std::vector<std::int64_t> times;
  times.reserve(arrivals.size());
  for (const BootTime time : arrivals) times.push_back(time.time_since_epoch().count());
  std::vector<std::uint8_t> admitted(times.size());
  replay_into(window, times, changes, admitted);
  return {admitted.begin(), admitted.end()};
}

std::optional<int> status_of(const Decision& decision) {
  if (!decision.sip_status) return std::nullopt;
  return static_cast<int>(*decision.sip_status);
}

std::optional<std::int64_t> retry_after_of(const Decision& decision) {
  if (!decision.retry_after) return std::nullopt;
  return decision.retry_after->count();
}

std::optional<std::string_view> reason_of(const Decision& decision) {
  if (!decision.reason) return std::nullopt;
  return to_string(*decision.reason);
}

py::typing::Dict<py::str, py::object> to_dict(const Decision& decision) {
  return py::dict("admitted"_a = decision.admitted(), "reason"_a = reason_of(decision),
                  "mode"_a = to_string(decision.mode), "calls"_a = decision.average.calls,
                  "window_ms"_a = decision.average.window.count(),
                  "average"_a = decision.average.per_second(), "limit"_a = decision.limit,
                  "sip_status"_a = status_of(decision), "retry_after"_a = retry_after_of(decision));
}

std::string text(const Average& average) {
  return py::str("{:g} calls/s ({} calls in {:g} s)")
      .format(average.per_second(), average.calls,
              static_cast<double>(average.window.count()) / 1000.0)
      .cast<std::string>();
}

std::string text(const Decision& decision) {
  std::string out{decision.admitted() ? "<Decision admitted" : "<Decision rejected"};
  if (decision.reason) {
    out.append(": ").append(to_string(*decision.reason));
    out.append(", SIP ").append(std::to_string(*status_of(decision)));
  }
  if (decision.retry_after) {
    out.append(", retry after ").append(std::to_string(decision.retry_after->count())).append(" s");
  }
  out.append("; ").append(to_string(decision.mode)).append(", ").append(text(decision.average));
  const std::string limit = decision.limit ? std::to_string(*decision.limit) : "none";
  return out.append(", limit ").append(limit).append(">");
}

template <class Value>
bool equal(const Value& self, const py::object& other) {
  return py::isinstance<Value>(other) && self == other.cast<const Value&>();
}

// Equal values read the same.
template <class Value>
py::ssize_t hash(const Value& self) {
  return py::hash(py::str(text(self)));
}

void register_window(py::module_& module) {
  py::class_<Average>(module, "Average",
                      "What is compared with the limit: an exact fraction, calls / window.")
      .def_readonly("calls", &Average::calls, "Calls counted in the window.")
      .def_readonly("window", &Average::window, "The length of the window.")
      .def_property_readonly("per_second", &Average::per_second,
                             "Calls per second as a float, for display.")
      .def("__eq__", &equal<Average>, "other"_a)
      .def("__hash__", &hash<Average>)
      .def("__repr__", [](const Average& self) { return "<Average " + text(self) + ">"; });

  py::class_<CpsWindow>(module, "CpsWindow",
                        R"(Counts calls and tells which of them a limit admits (S10; RULES C1-C4).

Times are integers, nanoseconds on one clock of the caller's choice, and do not run back: an earlier one counts as the
latest seen. A new window behaves as one idle for its whole length.

limit: calls per second; None: no rate check; 0: all are rejected.
interval, intervals: the window; 1 s to 1 h, 1 to 60; by default 10 of 30 s.
policy: "average" (S10), or "immediate" (S9): the first `limit` calls of each whole second.
start: ns, from which intervals count; earlier times count as the start.

Raises InputError if a parameter is outside these.)")
      .def(py::init([](Limit limit, std::optional<Ms> interval,
                       std::optional<std::uint32_t> intervals, const std::string& policy,
                       BootTime start) {
             return CpsWindow{limit, shape_from(policy, interval, intervals), start};
           }),
           "limit"_a, py::kw_only(), "interval"_a = py::none(), "intervals"_a = py::none(),
           "policy"_a = "average", "start"_a = 0)
      .def("offer", &CpsWindow::offer, "now_ns"_a,
           "Count one call, admitted or not (C3); return whether it is admitted.")
      .def("closed", &CpsWindow::closed, "now_ns"_a, "Whether a call at now_ns would be rejected.")
      .def("average", &CpsWindow::average, "now_ns"_a, "What is compared with the limit at now_ns.")
      .def(
          "replay", &replay_array, "arrivals"_a, "changes"_a = py::tuple(),
          R"(What a new window like this one admits of these arrivals, each offered once. The window itself stays as it is.

arrivals: ascending, shape (n,), integers (ns) or datetime64 (since 1970). Gives a bool array of that shape.
changes: pairs of a time (ns or datetime64, ascending) and the limit from then on.

Raises InputError, with the index, for what is not ascending, and for what is not a time.)")
      .def("replay", &replay_sequence, "arrivals"_a, "changes"_a = py::tuple(),
           "The same for any other sequence of integers, as a list; NumPy is not needed.")
      .def_property("limit", &CpsWindow::limit, &CpsWindow::set_limit,
                    "Calls per second, or None; a new one acts at the next decision (C2).")
      .def_property_readonly("start", &CpsWindow::start, "ns, from which intervals count.");
}

void register_decision(py::module_& module) {
  py::class_<Decision>(module, "Decision",
                       "What became of one offered call (RULES C5). True if it is admitted.")
      .def_property_readonly("admitted", &Decision::admitted, "Whether the call goes through.")
      .def_property_readonly("reason", &reason_of,
                             "Of a rejected call: 'mode', 'limit_zero' or 'rate'; else None.")
      .def_readonly("mode", &Decision::mode, "The enforcement mode.")
      .def_readonly("average", &Decision::average, "What was compared with the limit.")
      .def_readonly("limit", &Decision::limit, "Calls per second; None: no rate check.")
      .def_property_readonly("sip_status", &status_of, "Of a rejected call: 503 or 500; else None.")
      .def_property_readonly(
          "retry_after", &retry_after_of,
          "Of a call rejected for its rate: whole seconds, at least 1, until the gate opens if "
          "nobody calls; else None.")
      .def("to_dict", &to_dict, "All of it in plain types, as --json prints it.")
      .def("__eq__", &equal<Decision>, "other"_a)
      .def("__hash__", &hash<Decision>)
      .def("__bool__", &Decision::admitted)
      .def("__repr__", [](const Decision& self) { return text(self); });
}

void register_gate(py::module_& module) {
  py::class_<Gate>(
      module, "Gate",
      R"(The admission gate of one process: counts every offered call and decides on it (RULES C1-C5).

Any number of threads may use it. Times are integers, nanoseconds on the boot clock (CLOCK_BOOTTIME); one before the open
interval counts into the open interval. A new gate behaves as one idle for its whole window.

mode: the enforcement mode; limit, interval, intervals, policy and start are as for CpsWindow.
sip_status: of rejected calls, 503 or 500.

Raises InputError if a parameter is outside these.)")
      .def(py::init([](Mode mode, Limit limit, std::optional<Ms> interval,
                       std::optional<std::uint32_t> intervals, const std::string& policy,
                       BootTime start, int sip_status) {
             return std::make_unique<Gate>(mode, limit, shape_from(policy, interval, intervals),
                                           start, sip_status_from(sip_status));
           }),
           "mode"_a, "limit"_a = py::none(), py::kw_only(), "interval"_a = py::none(),
           "intervals"_a = py::none(), "policy"_a = "average", "start"_a = 0, "sip_status"_a = 503)
      .def(
          "admit", [](Gate& gate, BootTime now) { return gate.admit(now); }, "now_ns"_a,
          "Count one call, also one that is rejected (C3); return whether it is admitted.")
      .def(
          "decide", [](Gate& gate, BootTime now) { return gate.decide(now); }, "now_ns"_a,
          "As admit, with all that is to be told about it.")
      .def("average", &Gate::average, "now_ns"_a,
           "What is compared with the limit at now_ns; counts nothing.")
      .def_property("mode", &Gate::mode, &Gate::set_mode,
                    "The enforcement mode; a new one acts at the next decision.")
      .def_property("limit", &Gate::limit, &Gate::set_limit,
                    "Calls per second, or None; a new one acts at the next decision (C2).")
      .def_property_readonly("start", &Gate::start, "ns, from which intervals count.");
}

}  // namespace

void register_admission(py::module_& module) {
  register_window(module);
  register_decision(module);
  register_gate(module);
}

}  // namespace smartlic::bindings
