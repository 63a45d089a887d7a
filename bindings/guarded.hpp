#pragma once
// Work without the GIL, and objects that two Python threads may then call at the same time.

#include <pybind11/pybind11.h>

#include <mutex>
#include <utility>

namespace smartlic::bindings {

/// Runs `action`, which must not touch Python, while other Python threads run.
template <class Action>
auto without_gil(Action&& action) {
  const pybind11::gil_scoped_release released;
  return std::forward<Action>(action)();
}

/// An object that is not thread-safe in itself: calls from several threads wait for one another,
/// without the GIL.
template <class T>
class Guarded {
 public:
  explicit Guarded(T value) : value_{std::move(value)} {}

  /// Runs `action(value)`, which must not touch Python.
  template <class Action>
  auto with(Action&& action) {
    const pybind11::gil_scoped_release released;
    const std::lock_guard held{mutex_};
    return std::forward<Action>(action)(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace smartlic::bindings
