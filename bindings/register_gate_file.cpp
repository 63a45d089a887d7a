// GateFile and GateObserver: the gate that processes share (RULES C6).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "gate_arguments.hpp"
#include "guarded.hpp"
#include "io/local/clock.hpp"
#include "io/local/gate_file.hpp"
#include "register.hpp"
#include "time_casters.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

namespace fs = std::filesystem;
using admission::ComingMode;
using admission::GateSnapshot;
using admission::Limit;
using io::GateFile;
using io::GateObserver;
using Coming = std::vector<std::pair<UtcTime, Mode>>;

Now or_clock(const std::optional<Now>& now) { return now ? *now : unwrap(io::read_clock()); }

std::unique_ptr<GateFile> open_gate(const fs::path& path, bool create,
                                    const std::optional<Now>& given,
                                    const io::GateFileOptions& options) {
  const Now now = or_clock(given);
  const auto opened = [&]() -> Result<GateFile> {
    auto first = GateFile::open(path, now);
    if (first || !create || first.error().code != Errc::not_found) return first;
    const auto created = GateFile::create(path, now, options);
    // Somebody else may have made it meanwhile.
    if (!created && created.error().code != Errc::already_exists) return created.error();
    return GateFile::open(path, now);
  };
  return std::make_unique<GateFile>(unwrap(without_gil(opened)));
}

// With the GIL held, so that only one thread of the process publishes.
void publish(GateFile& file, Mode mode, Limit limit, const Coming& coming,
             const std::optional<Now>& now, UtcTime licensing_time) {
  std::vector<ComingMode> modes;
  for (const auto& [at, after] : coming) modes.push_back({at, after});
  unwrap(file.publish({mode, limit, licensing_time, modes}, or_clock(now)));
}

Coming coming_of(const GateSnapshot& snapshot) {
  Coming out;
  for (const auto& [at, mode] : snapshot.coming) out.emplace_back(at, mode);
  return out;
}

void register_snapshot(py::module_& module) {
  py::class_<GateSnapshot>(module, "GateSnapshot", "What there is to see of a shared gate.")
      .def_readonly("mode", &GateSnapshot::mode, "The enforcement mode that the plan has come to.")
      .def_readonly("limit", &GateSnapshot::limit, "Calls per second; None: no rate check.")
      .def_readonly("average", &GateSnapshot::average, "What is compared with the limit.")
      .def_property_readonly(
          "coming", &coming_of,
          "The modes still to come if no agent publishes again: pairs of a time (the publisher's "
          "wall clock) and a mode.")
      .def_readonly("published", &GateSnapshot::published,
                    "When a plan was last published (wall clock); None: never.")
      .def_readonly("begun", &GateSnapshot::begun, "When counting began (wall clock).")
      .def_property_readonly(
          "policy",
          [](const GateSnapshot& self) {
            return self.shape.policy() == admission::Policy::immediate ? "immediate" : "average";
          },
          "'average' (S10) or 'immediate' (S9).")
      .def_property_readonly(
          "interval", [](const GateSnapshot& self) { return self.shape.interval(); },
          "The length of an interval of the window.")
      .def_property_readonly(
          "intervals", [](const GateSnapshot& self) { return self.shape.intervals(); },
          "How many intervals the window has.")
      .def_property_readonly(
          "sip_status", [](const GateSnapshot& self) { return static_cast<int>(self.sip_status); },
          "Of rejected calls: 503 or 500.")
      .def_readonly("failed_call_log", &GateSnapshot::failed_call_log,
                    "Bytes that a log file of rejected calls may have; 0: none are logged (S11).")
      .def_readonly("failed_calls_lost", &GateSnapshot::failed_calls_lost,
                    "Rejected calls that could not be logged.");
}

constexpr auto file_doc =
    R"(A gate in a file that any number of processes map: workers decide, an agent publishes (RULES C6).

The mode follows from the published plan and the time at each decision, so it changes at a deadline by itself, whether
the agent lives or not: by the boot clock in the boot of the publisher, by the wall clock after another. Decisions wait
for nobody, and a process killed at any point harms no other. Any number of threads may use it.)";

constexpr auto open_doc =
    R"(Opens a gate file for deciding and publishing.

create: make it if it is missing, in mode Disabled until the first plan, with the window and status that Gate takes.
permissions: of a new file; 0o660 lets the workers of one group count, 0o644 only the owner.
now: None reads the machine's clocks.

Raises InputError (not_found, invalid_argument), StorageError (state_version: another layout; state_damaged;
storage_failed, storage_full).)";

void register_file(py::module_& module) {
  py::class_<GateFile>(module, "GateFile", file_doc)
      .def_static(
          "open",
          [](const fs::path& path, bool create, const std::optional<Now>& now, unsigned permissions,
             std::optional<Ms> interval, std::optional<std::uint32_t> intervals,
             const std::string& policy, int sip_status) {
            return open_gate(path, create, now,
                             {.shape = shape_from(policy, interval, intervals),
                              .sip_status = sip_status_from(sip_status),
                              .permissions = permissions});
          },
          "path"_a, py::kw_only(), "create"_a = false, "now"_a = py::none(),
          "permissions"_a = io::gate_mode, "interval"_a = py::none(), "intervals"_a = py::none(),
          "policy"_a = "average", "sip_status"_a = 503, open_doc)
      .def("publish", &publish, "mode"_a, "limit"_a = py::none(), py::kw_only(),
           "coming"_a = py::tuple(), "now"_a = py::none(), "licensing_time"_a,
           R"(Replaces the plan, in one step; it acts at the next decision of every process.

coming: up to four pairs of a time and a mode, ascending, in licensing time; they come if nothing more is published.
licensing_time: that of `now`. now: None reads the machine's clocks.

Raises InputError (invalid_argument) for more or descending ones; the plan of before then stays.)")
      .def(
          "set_limit", [](GateFile& self, Limit limit) { unwrap(self.set_limit(limit)); },
          "limit"_a,
          "Replaces the limit alone, at the next decision of every process (C2); the next plan has "
          "its own.")
      .def(
          "set_sip_status",
          [](GateFile& self, int status) { self.set_sip_status(sip_status_from(status)); },
          "status"_a,
          "503 or 500, of the calls rejected from now on. Raises InputError for others.")
      .def(
          "set_failed_call_log", &GateFile::set_failed_call_log, "file_size"_a,
          R"(Switches the failed-call log of all workers (S11): bytes that a file may have, or 0 for off.

A worker keeps one older file beside the one that it writes.)")
      .def("admit", &GateFile::admit, "now"_a,
           "Count one call, also one that is rejected (C3); return whether it is admitted.")
      .def("decide", &GateFile::decide, "now"_a, "As admit, with all that is to be told about it.")
      .def("snapshot", &GateFile::snapshot, "now"_a,
           "What there is to see at `now`; counts nothing.");
}

void register_observer(py::module_& module) {
  py::class_<GateObserver>(module, "GateObserver",
                           "A gate file to look at alone: read permission is enough.")
      .def_static(
          "open",
          [](const fs::path& path) {
            return std::make_unique<GateObserver>(
                unwrap(without_gil([&] { return GateObserver::open(path); })));
          },
          "path"_a,
          "Raises InputError (not_found), StorageError (state_version, state_damaged, "
          "storage_failed).")
      .def("snapshot", &GateObserver::snapshot, "now"_a, "What there is to see at `now`.");
}

}  // namespace

void register_gate_file(py::module_& module) {
  register_snapshot(module);
  register_file(module);
  register_observer(module);
}

}  // namespace smartlic::bindings
