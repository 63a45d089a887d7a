// Periods, the enforcement table, licensing time and the pool (RULES E1, E2, E8, T1-T4, P1, P2).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "register.hpp"
#include "rules/enforcement.hpp"
#include "rules/licensing_clock.hpp"
#include "rules/pool.hpp"
#include "time_casters.hpp"
#include "values.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using rules::Authorization;
using rules::EnforcementRow;
using rules::LicensingClock;
using rules::Periods;
using rules::Pool;
using rules::TagCount;

[[noreturn]] void refuse(std::string detail) {
  throw_error({Errc::invalid_argument, std::move(detail)});
}

struct PeriodField {
  const char* name;
  Ms Periods::*member;
  const char* meaning;
};

constexpr PeriodField period_fields[] = {
    {"evaluation", &Periods::evaluation, "The evaluation period, once in a product's life (E4)."},
    {"authorization", &Periods::authorization, "From an answer's start_date (E5, D3)."},
    {"certificate_warning", &Periods::certificate_warning,
     "'certificate_ending' comes this long before its end (E10)."},
    {"evaluation_warning", &Periods::evaluation_warning,
     "'evaluation_ending' comes with this much left (E10)."},
    {"ask_min", &Periods::ask_min, "Floor of an answer's retry_interval (E8)."},
    {"ask_max", &Periods::ask_max, "Ceiling of an answer's retry_interval (E8, F3)."},
    {"ask_denied", &Periods::ask_denied,
     "Until the next ask after a refusal that names no time (D7)."},
    {"renew_min", &Periods::renew_min, "Floor of renew_interval (E8)."},
    {"retry_base", &Periods::retry_base, "The first back-off window (E8)."},
    {"retry_max", &Periods::retry_max, "The largest back-off window (E8)."},
};

// A century keeps every sum of times inside what 64 bits and Python's dates hold.
constexpr Ms longest_period = 36525 * one_day;

Periods periods_from(const py::kwargs& given) {
  Periods out;
  std::size_t used = 0;
  for (const auto& [name, member, meaning] : period_fields) {
    if (!given.contains(name)) continue;
    ++used;
    out.*member = given[name].cast<Ms>();
    if (out.*member < Ms{1} || out.*member > longest_period) {
      refuse(std::string{name} + " is a positive length of time, 100 years at the most");
    }
  }
  if (given.contains("jitter_percent")) {
    ++used;
    out.jitter_percent = given["jitter_percent"].cast<int>();
    if (out.jitter_percent < 0 || out.jitter_percent > 100) refuse("jitter_percent is 0 to 100");
  }
  if (given.contains("full_jitter")) {
    ++used;
    out.full_jitter = given["full_jitter"].cast<bool>();
  }
  if (used != given.size()) throw py::type_error("Periods has no such field: see its attributes");
  if (out.ask_min > out.ask_max) refuse("ask_min is not above ask_max");
  return out;
}

py::str periods_text(const Periods& periods) {
  py::list parts;
  for (const auto& [name, member, meaning] : period_fields) {
    parts.append(py::str("{}={!r}").format(name, periods.*member));
  }
  parts.append(py::str("jitter_percent={}").format(periods.jitter_percent));
  parts.append(py::str("full_jitter={}").format(py::bool_(periods.full_jitter)));
  return py::str("Periods({})").format(py::str(", ").attr("join")(parts));
}

void register_periods(py::module_& module) {
  py::class_<Periods> periods(
      module, "Periods",
      R"(Every length of time that the rules use. Keyword arguments are the attributes: timedeltas, positive, at most 100
years; jitter_percent; full_jitter. What is not given is the rules' default. Raises InputError for other values.)");
  periods.def(py::init(&periods_from));
  for (const auto& [name, member, meaning] : period_fields) {
    periods.def_readonly(name, member, meaning);
  }
  periods
      .def_readonly("jitter_percent", &Periods::jitter_percent,
                    "Regular asks come up to this much earlier (E8).")
      .def_readonly("full_jitter", &Periods::full_jitter,
                    "Retries are drawn from their window; if false they wait all of it (E8).")
      .def("__repr__", &periods_text);
  define_equality(periods);
}

using PlainDict = py::typing::Dict<py::str, py::object>;

py::typing::List<PlainDict> table_rows() {
  py::typing::List<PlainDict> out;
  for (const EnforcementRow& row : rules::enforcement_table) {
    out.append(py::dict("row"_a = out.size() + 1, "condition"_a = rules::to_string(row.when),
                        "mode"_a = row.mode, "mode_if_out"_a = row.mode_if_out,
                        "calls_allowed"_a = calls_allowed(row.mode)));
  }
  return out;
}

void register_enforcement(py::module_& module) {
  py::class_<Authorization> held(
      module, "Authorization", "A granting answer that was accepted; held after its end too (E2).");
  held.def(py::init([](UtcTime start, UtcTime bound, bool out_of_compliance) {
             return Authorization{start, bound, out_of_compliance};
           }),
           py::kw_only(), "start"_a, "bound"_a, "out_of_compliance"_a = false,
           "start: the answer's start_date (D2). bound: the end of the ID certificate held then.")
      .def_readonly("start", &Authorization::start, "The answer's start_date (D2).")
      .def_readonly("bound", &Authorization::bound,
                    "The ID certificate's end, moved by renewals made in time.")
      .def_readonly("out_of_compliance", &Authorization::out_of_compliance,
                    "What the answer said (S3).")
      .def("end", &Authorization::end, py::arg_v("periods", Periods{}, "Periods()"),
           "The earlier of the own period's end and the bound.")
      .def("ends_by_own_period", &Authorization::ends_by_own_period,
           py::arg_v("periods", Periods{}, "Periods()"),
           "Whether the own period ends it; a tie counts so (E2).")
      .def("__repr__", [](const Authorization& self) {
        return py::str("Authorization(start={!r}, bound={!r}, out_of_compliance={!r})")
            .format(self.start, self.bound, self.out_of_compliance);
      });
  define_equality(held);

  module.def("enforcement_table", &table_rows,
             "The rows of E1 in order, each a dict: row, condition, mode, mode_if_out (if the "
             "answer said out of compliance) and calls_allowed. The first that holds gives the "
             "mode.");
  module.def(
      "mode_at",
      [](bool enabled, std::optional<Authorization> authorization, Ms evaluation_used, UtcTime at,
         const Periods& periods) {
        return rules::mode_at({enabled, authorization, evaluation_used}, periods, at);
      },
      py::kw_only(), "enabled"_a, "authorization"_a = py::none(), "evaluation_used"_a, "at"_a,
      py::arg_v("periods", Periods{}, "Periods()"),
      "The mode that E1 gives for these facts at licensing time `at`.");
}

void register_clock(py::module_& module) {
  py::class_<LicensingClock>(
      module, "LicensingClock",
      R"(Licensing time L beside the machine's clocks (T1, T2, T4). Within a boot it advances with the boot clock, across
boots by the wall clock's difference, and never back by itself.)")
      .def(py::init([](std::optional<UtcTime> licensing, const Now& seen) {
             return LicensingClock{licensing.value_or(seen.wall), seen};
           }),
           py::kw_only(), "licensing"_a = py::none(), "seen"_a,
           "L was `licensing` at the look `seen`; None when the product first starts: then the "
           "wall clock is believed, once.")
      .def_property_readonly("licensing", &LicensingClock::licensing, "L at the last look.")
      .def_property_readonly("seen", &LicensingClock::seen, "The last look.")
      .def("at", &LicensingClock::at, "now"_a, "L at `now`; moves nothing.")
      .def(
          "observe",
          [](LicensingClock& self, const Now& now,
             Ms tolerance) -> std::optional<std::pair<UtcTime, UtcTime>> {
            const auto jump = self.observe(now, tolerance);
            if (!jump) return std::nullopt;
            return std::pair{jump->expected, jump->shown};
          },
          "now"_a, py::kw_only(), "tolerance"_a = Ms{10'000},
          "Look at the clocks. If the wall clock jumped by more than `tolerance`: what it should "
          "have shown and what it shows (T4); else None.")
      .def("corrected", &LicensingClock::corrected, py::kw_only(), "now"_a, "answer_time"_a,
           "asked"_a,
           "Where T2 puts L when an answer with the manager's `answer_time` to a request made at "
           "`asked` is accepted.")
      .def("correct", &LicensingClock::correct, py::kw_only(), "now"_a, "licensing"_a,
           "Set L at `now`: the only way back (T2).");
}

// Tags are indices and counts are summed: these keep memory and sums small.
constexpr std::uint32_t most_tags = 1'000'000;
constexpr std::int64_t most_licences = 1'000'000'000'000;

std::uint32_t tag_from(std::int64_t tag) {
  if (tag < 0 || tag >= most_tags) refuse("a tag is a number from 0 to 999999");
  return static_cast<std::uint32_t>(tag);
}

std::int64_t count_from(std::int64_t count) {
  if (count < 0 || count > most_licences) refuse("a count is a number from 0 to 10^12");
  return count;
}

constexpr std::int64_t most_instances = 10'000'000;

Pool::InstanceId instance_from(std::int64_t instance) {
  if (instance < 0 || instance >= most_instances) refuse("an instance is a number below 10^7");
  return static_cast<Pool::InstanceId>(instance);
}

bool use(Pool& pool, std::int64_t instance, const std::map<std::int64_t, std::int64_t>& wanted,
         std::optional<UtcTime> until, UtcTime now) {
  std::vector<TagCount> counts;
  counts.reserve(wanted.size());
  for (const auto& [tag, count] : wanted) counts.push_back({tag_from(tag), count_from(count)});
  return pool.use(instance_from(instance), counts, until.value_or(never), now);
}

std::map<std::uint32_t, std::int64_t> usage(Pool& pool, std::int64_t instance, UtcTime now) {
  std::map<std::uint32_t, std::int64_t> out;
  for (const auto& each : pool.usage(instance_from(instance), now)) out[each.tag] = each.count;
  return out;
}

template <auto method>
std::int64_t count_of(Pool& pool, std::int64_t tag, UtcTime now) {
  return (pool.*method)(tag_from(tag), now);
}

void register_pool(py::module_& module) {
  py::class_<Pool>(
      module, "Pool",
      R"(One virtual account: what was purchased, what is in use, who is in compliance (P1, P2; S3, S7, F6).

Tags and instances are numbers; `now` does not fall. Raises InputError for a tag or count out of range.)")
      .def(py::init<>())
      .def(
          "purchase",
          [](Pool& self, std::int64_t tag, std::int64_t count, UtcTime start,
             std::optional<UtcTime> end) {
            self.purchase(tag_from(tag), {count_from(count), start, end.value_or(never)});
          },
          "tag"_a, "count"_a, py::kw_only(), "start"_a, "end"_a = py::none(),
          "Add licences, valid from start until before end; None: perpetual.")
      .def("use", &use, "instance"_a, "wanted"_a, py::kw_only(), "until"_a, "now"_a,
           "Replace what an instance uses by `wanted` (tag -> count) until `until` (None: without "
           "end). Whether each of its tags is in compliance now (P2).")
      .def(
          "release", [](Pool& self, std::int64_t it) { self.release(instance_from(it)); },
          "instance"_a, "End an instance's usage.")
      .def(
          "extend",
          [](Pool& self, std::int64_t it, UtcTime until, UtcTime now) {
            self.extend(instance_from(it), until, now);
          },
          "instance"_a, py::kw_only(), "until"_a, "now"_a,
          "Move the end of a usage that goes on; one that has ended stays so.")
      .def("purchased", &count_of<&Pool::purchased>, "tag"_a, py::kw_only(), "now"_a,
           "How many licences of a tag are valid.")
      .def("in_use", &count_of<&Pool::in_use>, "tag"_a, py::kw_only(), "now"_a,
           "The sum of the latest requested counts (S7).")
      .def("balance", &count_of<&Pool::balance>, "tag"_a, py::kw_only(), "now"_a,
           "Purchased minus in use; negative raises the alert (F6).")
      .def("usage", &usage, "instance"_a, py::kw_only(), "now"_a,
           "What an instance uses: tag -> count.");
}

}  // namespace

void register_rules(py::module_& module) {
  register_periods(module);
  register_enforcement(module);
  register_clock(module);
  register_pool(module);
  register_licence(module);
}

}  // namespace smartlic::bindings
