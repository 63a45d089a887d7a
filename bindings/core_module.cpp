// smartlic._core: the sans-I/O core. Its table of contents; each room registers itself.

#include <pybind11/pybind11.h>

#include "register.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() =
      "The licence and its rules, identity, messages, agent and manager: sans-I/O, so time, bytes "
      "and entropy are always arguments.";
  pybind11::module_::import("smartlic._gate");  // Mode and Now live there and are shared
  smartlic::bindings::register_rules(module);
  smartlic::bindings::register_identity(module);
  smartlic::bindings::register_certificates(module);
  smartlic::bindings::register_message(module);
  smartlic::bindings::register_agent(module);
  smartlic::bindings::register_records(module);
  smartlic::bindings::register_manager(module);
  smartlic::bindings::register_ledger(module);
  smartlic::bindings::register_authority(module);
  smartlic::bindings::register_fleet(module);
  smartlic::bindings::register_logs(module);
}
