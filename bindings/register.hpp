#pragma once
// What each register_<room>.cpp adds to a module.

#include <pybind11/pybind11.h>

namespace smartlic::bindings {

void register_foundation(pybind11::module_& module);
void register_admission(pybind11::module_& module);
void register_io_local(pybind11::module_& module);
void register_io_net(pybind11::module_& module);

}  // namespace smartlic::bindings
