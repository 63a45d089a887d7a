// smartlic._gate: admission, with no TLS and no JSON behind it; NumPy is loaded when an array comes
// in.

#include <pybind11/pybind11.h>

#include "register.hpp"

PYBIND11_MODULE(_gate, module) {
  module.doc() = "Admission of calls: enforcement modes, the CPS window and the gate (RULES C).";
  smartlic::bindings::register_foundation(module);
  smartlic::bindings::register_admission(module);
  smartlic::bindings::register_io_local(module);
  smartlic::bindings::register_gate_file(module);
  smartlic::bindings::register_gate_worker(module);
}
