#pragma once
// What each register_<room>.cpp adds to a module.

#include <pybind11/pybind11.h>

namespace smartlic::bindings {

void register_foundation(pybind11::module_& module);
void register_admission(pybind11::module_& module);
void register_gate_file(pybind11::module_& module);
void register_gate_worker(pybind11::module_& module);
void register_io_local(pybind11::module_& module);
void register_io_net(pybind11::module_& module);
void register_licence(pybind11::module_& module);
void register_rules(pybind11::module_& module);
void register_identity(pybind11::module_& module);
void register_certificates(pybind11::module_& module);
void register_message(pybind11::module_& module);
void register_agent(pybind11::module_& module);
void register_records(pybind11::module_& module);
void register_manager(pybind11::module_& module);
void register_ledger(pybind11::module_& module);
void register_authority(pybind11::module_& module);
void register_fleet(pybind11::module_& module);
void register_logs(pybind11::module_& module);

}  // namespace smartlic::bindings
