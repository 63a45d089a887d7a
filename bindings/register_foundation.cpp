// Mode, Now and the error table. They live in _gate; _core and _io import it first and so share the
// types.

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include "errors.hpp"
#include "foundation/errors.hpp"
#include "foundation/mode.hpp"
#include "foundation/time.hpp"
#include "register.hpp"
#include "time_casters.hpp"
#include "values.hpp"

namespace py = pybind11;

namespace smartlic::bindings {
namespace {

using ErrorEntry = py::typing::Dict<py::str, py::object>;

py::typing::List<ErrorEntry> error_rows() {
  py::typing::List<ErrorEntry> out;
  for (const ErrorRow& row : error_table()) {
    ErrorEntry entry;
    entry["code"] = row.name;
    entry["sentence"] = row.sentence;
    entry["exception"] = exception_class(row.fault);
    entry["retry"] = to_string(row.retry);
    entry["effect"] = row.effect ? py::object{py::str{to_string(*row.effect)}} : py::none{};
    entry["stops"] = row.stops;
    out.append(entry);
  }
  return out;
}

void register_now(py::module_& module) {
  py::class_<Now> now{
      module, "Now",
      "One look at the machine's clocks (RULES T1): an argument, never read inside."};
  define_equality(now);
  now.def(py::init([](UtcTime wall, BootTime boot, const Uuid& boot_id) {
            return Now{wall, boot, boot_id};
          }),
          py::kw_only(), py::arg("wall"), py::arg("boot"), py::arg("boot_id"),
          "wall: the wall clock, which may jump. boot: nanoseconds since boot, suspend included.\n"
          "boot_id: which boot that is.")
      .def_readonly("wall", &Now::wall, "The wall clock: aware, UTC, to the millisecond.")
      .def_readonly("boot", &Now::boot, "The boot clock, nanoseconds.")
      .def_readonly("boot_id", &Now::boot_id, "Which boot `boot` counts from.")
      .def("__repr__", [](const Now& it) {
        return py::str("Now(wall={!r}, boot={!r}, boot_id={!r})")
            .format(it.wall, it.boot, it.boot_id);
      });
}

}  // namespace

void register_foundation(py::module_& module) {
  register_now(module);
  py::native_enum<Mode> modes{module, "Mode", "enum.Enum",
                              "What the product does with calls (S1-S5, RULES E1)."};
  for (const Mode mode : all_modes) modes.value(to_string(mode).data(), mode);
  modes.finalize();

  module.def("calls_allowed", &calls_allowed, py::arg("mode"),
             "Whether the mode lets calls through (RULES E1).");
  module.def("error_table", &error_rows,
             "The rows of the one error table, each a dict: code, sentence, exception (its class "
             "in smartlic.errors), "
             "retry, effect (of a signed refusal, RULES M9; else None) and stops (the attack or "
             "accident).");
}

}  // namespace smartlic::bindings
