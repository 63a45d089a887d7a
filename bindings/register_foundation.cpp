// Mode and the error table. They live in _gate; _core and _io import it first and so share the
// types.

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>

#include "errors.hpp"
#include "foundation/errors.hpp"
#include "foundation/mode.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace smartlic::bindings {
namespace {

py::list error_rows() {
  py::list out;
  for (const ErrorRow& row : error_table()) {
    py::dict entry;
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

}  // namespace

void register_foundation(py::module_& module) {
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
