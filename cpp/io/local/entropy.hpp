#pragma once
// Randomness for nonces, serial numbers, UUIDs, tokens and jitter, which the core takes as
// arguments.

#include <array>
#include <cstdint>
#include <span>

#include "foundation/result.hpp"

namespace smartlic::io {

/// 256 bits, enough to seed everything that one process draws.
using Seed = std::array<std::uint8_t, 32>;

/// Fills `out` from the kernel by getrandom(2); waits if the kernel has not gathered enough since
/// boot. Errors: `storage_failed` if the kernel has no such call.
[[nodiscard]] Result<void> fill_entropy(std::span<std::uint8_t> out);

/// A fresh seed. Errors: as `fill_entropy`.
[[nodiscard]] Result<Seed> entropy_seed();

}  // namespace smartlic::io
