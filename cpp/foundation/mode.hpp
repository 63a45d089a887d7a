#pragma once
// Enforcement modes (S1-S5; `Disabled` is F1's unconfigured).

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smartlic {

/// What the product does with calls. The rules that choose one are in rules/enforcement.hpp (RULES
/// E1).
enum class Mode : std::uint8_t {
  Disabled,              ///< smart licensing not enabled: calls rejected
  Eval,                  ///< S1: calls allowed while evaluation time is left
  InCompliance,          ///< S2: requested <= purchased
  OutOfCompliance,       ///< S3: requested > purchased; calls allowed all the same
  EvalExpired,           ///< S4: calls rejected
  AuthorizationExpired,  ///< S5: calls rejected
};

inline constexpr std::array all_modes{Mode::Disabled,     Mode::Eval,
                                      Mode::InCompliance, Mode::OutOfCompliance,
                                      Mode::EvalExpired,  Mode::AuthorizationExpired};

/// The spelling used in code, CLI, JSON and docs (DESIGN 1).
[[nodiscard]] constexpr std::string_view to_string(Mode mode) {
  constexpr std::array<std::string_view, 6> names{
      "Disabled", "Eval", "InCompliance", "OutOfCompliance", "EvalExpired", "AuthorizationExpired"};
  return names[static_cast<std::size_t>(mode)];
}

[[nodiscard]] constexpr std::optional<Mode> mode_from(std::string_view name) {
  for (const Mode mode : all_modes) {
    if (to_string(mode) == name) return mode;
  }
  return std::nullopt;
}

/// Whether the mode lets calls through (the last column of RULES E1).
[[nodiscard]] constexpr bool calls_allowed(Mode mode) {
  return mode == Mode::Eval || mode == Mode::InCompliance || mode == Mode::OutOfCompliance;
}

}  // namespace smartlic
