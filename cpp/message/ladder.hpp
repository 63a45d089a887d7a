#pragma once
// The ladder of RULES M8: checks in a fixed order, each with one code. A ladder is an array and an
// argument, so a test leaves one rung out and sees that just this rung refused a message.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/result.hpp"

namespace smartlic::message {

/// What is wrong, in words; nothing if the check passed.
using Fault = std::optional<std::string>;

/// One check of a `Subject`.
template <class Subject>
struct Rung {
  std::string_view name;
  Errc code{};
  Fault (*check)(Subject&) = nullptr;
};

/// Climbs until a rung refuses, and gives that rung's code.
template <class Subject>
[[nodiscard]] Result<void> climb(std::span<const Rung<Subject>> ladder, Subject& subject) {
  for (const auto& rung : ladder) {
    if (Fault fault = rung.check(subject)) return Error{rung.code, std::move(*fault)};
  }
  return {};
}

}  // namespace smartlic::message
