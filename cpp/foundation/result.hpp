#pragma once
// `Result<T>`: a value or an `Error`. C++20 has no std::expected; this is the part of it that we
// use.

#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "foundation/errors.hpp"

namespace smartlic {

/// What went wrong: the row of the table (errors.hpp), and this occurrence's facts in words.
struct Error {
  Errc code;
  std::string detail;

  /// The row's sentence, then the detail.
  [[nodiscard]] std::string message() const {
    std::string out{describe(code).sentence};
    if (!detail.empty()) out.append(" (").append(detail).append(")");
    return out;
  }
  friend bool operator==(const Error&, const Error&) = default;
};

/// Either a `T` or an `Error`. Asking for the side that is not there is a programming error
/// (asserted).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& { return *checked(); }
  [[nodiscard]] T& value() & { return const_cast<T&>(*checked()); }
  [[nodiscard]] T&& value() && { return std::move(const_cast<T&>(*checked())); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return checked(); }
  T* operator->() { return const_cast<T*>(checked()); }

  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  const T* checked() const {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

/// Success without a value, or an `Error`.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_{std::move(error)}, failed_{true} {}

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    assert(failed_);
    return error_;
  }

 private:
  Error error_{};
  bool failed_ = false;
};

}  // namespace smartlic
