// GateWorker: what a worker process of a SIP server has (RULES C, S11).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "errors.hpp"
#include "guarded.hpp"
#include "io/local/gate_worker.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

namespace fs = std::filesystem;
using io::GateWorker;

constexpr auto worker_doc =
    R"(A gate file as a worker process of a SIP server has it: decides at the machine's time, and logs what it rejects.

Open it in the worker, after the fork. For one thread at a time; it starts none, and no call waits for another process.)";

constexpr auto open_doc = R"(Opens a gate file.

log: what the names of the failed-call log's files begin with; None: the gate's path and `.failed-calls`. Behind it come
the process's number and `.jsonl`.

Raises InputError (not_found), StorageError (state_version, state_damaged, storage_failed).)";

}  // namespace

void register_gate_worker(py::module_& module) {
  py::class_<GateWorker>(module, "GateWorker", worker_doc)
      .def_static(
          "open",
          [](const fs::path& path, const std::optional<fs::path>& log) {
            return std::make_unique<GateWorker>(unwrap(
                without_gil([&] { return GateWorker::open(path, log.value_or(fs::path{})); })));
          },
          "path"_a, py::kw_only(), "log"_a = py::none(), open_doc)
      .def(
          "decide", [](GateWorker& self) { return unwrap(self.decide()); },
          "Count one call and decide on it. Raises StorageError if the clock cannot be read.")
      .def(
          "ask", [](GateWorker& self) { return unwrap(self.ask()); },
          R"(As decide, in one number, which costs less: 1 for an admitted call.

For a rejected one minus (1000 x Retry-After in seconds, or 0 without one, + SIP status): -12503 is 503, Retry-After 12.)")
      .def_property_readonly("logging", &GateWorker::logging,
                             "Whether rejected calls are to be logged (S11).")
      .def(
          "log",
          [](GateWorker& self, std::string_view call_id, std::string_view from,
             std::string_view to) {
            self.log({call_id, from, to});
          },
          "call_id"_a, "from_uri"_a, "to_uri"_a,
          R"(Log that the call of the last decision was rejected, if that is switched on.

A record that cannot be written is counted in the gate (`GateSnapshot.failed_calls_lost`), and raises nothing.)");
}

}  // namespace smartlic::bindings
