#pragma once
// The one place where an `Error` becomes a Python exception (DESIGN 3): the class by the table's
// fault, never by text.

#include <pybind11/pybind11.h>

#include <utility>

#include "foundation/result.hpp"

namespace smartlic::bindings {

/// Raises the class of `smartlic.errors` that the code's row names, with `.code` and `.retry`.
[[noreturn]] void throw_error(const Error& error);

/// The value, or the Python exception of the error.
template <class T>
T unwrap(Result<T> result) {
  if (!result) throw_error(result.error());
  return std::move(result).value();
}

inline void unwrap(const Result<void>& result) {
  if (!result) throw_error(result.error());
}

/// The name of the Python exception class of a fault.
[[nodiscard]] const char* exception_class(Fault fault);

}  // namespace smartlic::bindings
