// smartlic._io: HTTP(S). The only module that loads libcurl, so it is imported when first needed.
#include <pybind11/pybind11.h>

namespace py = pybind11;

void register_io_net(py::module_& m);

PYBIND11_MODULE(_io, m) {
  m.doc() = "HTTP(S) by libcurl, with TLS trust of its own and time as an argument.";
  register_io_net(m);
}
