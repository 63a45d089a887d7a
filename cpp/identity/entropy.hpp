#pragma once
// Random-looking bytes from an injected seed (DESIGN 3: the core draws no random number).

#include <array>
#include <cstdint>
#include <span>

#include "foundation/bytes.hpp"
#include "foundation/uuid.hpp"

namespace smartlic::identity {

/// Expands a 32-byte seed with HMAC-SHA-256 in counter mode: the same seed gives the same bytes for
/// ever. It feeds nonces, serial numbers, UUIDs, tokens and jitter, never a key nor an ECDSA k
/// (keys.cpp says whence these come). Not copyable, because two copies would give the same nonces.
/// Not thread-safe: each owner has its own seed.
class Entropy {
 public:
  using Seed = std::array<std::uint8_t, 32>;

  explicit Entropy(const Seed& seed) : seed_{seed} {}
  Entropy(const Entropy&) = delete;
  Entropy& operator=(const Entropy&) = delete;
  Entropy(Entropy&&) = default;
  Entropy& operator=(Entropy&&) = default;

  void fill(std::span<std::uint8_t> out);
  [[nodiscard]] Bytes bytes(std::size_t count);
  /// Uniform in [0, 2^64).
  [[nodiscard]] std::uint64_t u64();
  /// A version 4 UUID.
  [[nodiscard]] Uuid uuid();
  /// A seed for another owner (an agent's, a manager's), independent of the bytes given here.
  [[nodiscard]] Seed seed();

 private:
  Seed seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace smartlic::identity
