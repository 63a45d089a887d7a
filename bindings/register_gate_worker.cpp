// GateWorker: what a worker process of a SIP server has (RULES C, S11).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <pybind11/typing.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
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

constexpr auto handler_doc =
    R"(What decides on a call, for callers to whom a microsecond is dear.

A function of one argument, which it ignores: it counts one call and returns what `ask` does, -503 for one that cannot be decided. `tell` is called for rejected
calls alone: `tell(None)` while these are logged, `tell(why)` for one that could not be decided; what it raises is told
to it once more and goes no further.)";

/// What a handler works with. It refers to the worker and never to what uses it: a capsule is not
/// seen by Python's garbage collection.
struct Handler {
  py::object keep;  ///< the worker's Python object
  GateWorker* worker;
  py::function tell;
};

/// Tells of a rejected call, and of what goes wrong in telling. Leaves no Python error behind.
void tell_of(const Handler& handler, const Result<std::int32_t>& answer) {
  try {
    try {
      handler.tell(answer ? py::object{py::none()} : py::str{answer.error().detail});
    } catch (const py::error_already_set& raised) {
      handler.tell(py::str{raised.what()});
    }
  } catch (const py::error_already_set&) {  // it cannot be told
    PyErr_Clear();
  }
}

/// Called by the interpreter itself: a call costs a fraction of one through pybind11.
PyObject* handle_call(PyObject* self, PyObject* /*message*/) {
  const auto& handler = *static_cast<Handler*>(PyCapsule_GetPointer(self, nullptr));
  const auto answer = handler.worker->ask();
  if (!answer || (*answer < 0 && handler.worker->logging())) tell_of(handler, answer);
  constexpr long undecided = -503;
  return PyLong_FromLong(answer ? long{*answer} : undecided);
}

PyMethodDef handler_method{"admit", &handle_call, METH_O, nullptr};

using Tell = py::typing::Callable<void(std::optional<std::string>)>;

py::typing::Callable<int(py::object)> make_handler(const py::object& self, const Tell& tell) {
  auto* const handler = new Handler{self, self.cast<GateWorker*>(), tell};
  const py::capsule capsule{handler, [](void* kept) { delete static_cast<Handler*>(kept); }};
  PyObject* const made = PyCFunction_New(&handler_method, capsule.ptr());
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::typing::Callable<int(py::object)>>(made);
}

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
      .def("handler", &make_handler, "tell"_a, handler_doc)
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
