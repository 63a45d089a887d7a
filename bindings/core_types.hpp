#pragma once
// How types of the core's rooms look in Python, beyond the foundation's. Include it in every file
// of _core that passes identity's, message's or licensing's.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "errors.hpp"
#include "identity/algorithm.hpp"
#include "identity/serial.hpp"
#include "time_casters.hpp"

namespace smartlic::bindings {

/// A dict with text keys, as its Python signature says it.
class PlainDict : public pybind11::dict {
 public:
  using pybind11::dict::dict;
};

/// 32 bytes: a seed, a SHA-256, salt and IV of a key.
using Bytes32 = std::array<std::uint8_t, 32>;

/// The hexadecimal text that stands for serial numbers in JSON, ledger and Python. Raises
/// InputError.
inline identity::SerialNumber serial_from(std::string_view text) {
  return unwrap(identity::SerialNumber::parse(text));
}

/// `==` for Python: another type is not equal, and no error.
template <class Value>
bool equal(const Value& self, const pybind11::object& other) {
  return pybind11::isinstance<Value>(other) && self == other.cast<const Value&>();
}

/// `ES256` or `RS256`. Raises InputError.
inline identity::Algorithm algorithm_from(std::string_view name) {
  for (const auto algorithm : {identity::Algorithm::es256, identity::Algorithm::rs256}) {
    if (to_string(algorithm) == name) return algorithm;
  }
  throw_error(
      {Errc::invalid_argument, "algorithm: 'ES256' or 'RS256', not '" + std::string{name} + "'"});
}

}  // namespace smartlic::bindings

namespace pybind11::detail {

template <>
struct handle_type_name<smartlic::bindings::PlainDict> {
  static constexpr auto name = const_name("dict[str, typing.Any]");
};

/// 32 bytes <-> bytes; another length is a TypeError.
template <>
struct type_caster<smartlic::bindings::Bytes32> {
  PYBIND11_TYPE_CASTER(smartlic::bindings::Bytes32, const_name("bytes"));

  bool load(handle src, bool) {
    if (!src || !PyBytes_Check(src.ptr())) return false;
    const auto view = smartlic::as_bytes(std::string_view{reinterpret_borrow<bytes>(src)});
    if (view.size() != value.size()) return false;
    std::ranges::copy(view, value.begin());
    return true;
  }

  static handle cast(const smartlic::bindings::Bytes32& raw, return_value_policy, handle) {
    return bytes{smartlic::as_text(raw).data(), raw.size()}.release();
  }
};

}  // namespace pybind11::detail
