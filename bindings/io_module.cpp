// smartlic._io: HTTP(S). The only module that loads libcurl, so it is imported when first needed.

#include <pybind11/pybind11.h>

#include "register.hpp"

PYBIND11_MODULE(_io, module) {
  module.doc() = "HTTP(S) by libcurl, with TLS trust of its own and time as an argument.";
  smartlic::bindings::register_io_net(module);
}
