#include "errors.hpp"

#include <array>

namespace py = pybind11;

namespace smartlic::bindings {

const char* exception_class(Fault fault) {
  constexpr std::array names{"InputError", "TrustError", "StateError", "TransportError",
                             "StorageError"};
  return names[static_cast<std::size_t>(fault)];
}

void throw_error(const Error& error) {
  const ErrorRow& row = describe(error.code);
  const py::object type = py::module_::import("smartlic.errors").attr(exception_class(row.fault));
  const py::object raised = type(error.message(), row.name, to_string(row.retry));
  PyErr_SetObject(type.ptr(), raised.ptr());
  throw py::error_already_set();
}

}  // namespace smartlic::bindings
