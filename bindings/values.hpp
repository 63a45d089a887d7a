#pragma once
// What makes a bound class a value in Python.

#include <pybind11/pybind11.h>

namespace smartlic::bindings {

/// Defines `==` (another type is not equal, and no error) and a hash: equal values have equal
/// reprs.
template <class Value>
void define_equality(pybind11::class_<Value>& type) {
  type.def(
      "__eq__",
      [](const Value& self, const pybind11::object& other) {
        return pybind11::isinstance<Value>(other) && self == other.cast<const Value&>();
      },
      pybind11::arg("other"));
  type.def("__hash__",
           [](const pybind11::object& self) { return pybind11::hash(pybind11::repr(self)); });
}

}  // namespace smartlic::bindings
