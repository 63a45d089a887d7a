#include "identity/entropy.hpp"

#include <algorithm>

#include "identity/hash.hpp"

namespace smartlic::identity {

// Every call starts a new block, so how much one caller takes never shifts what another call gives
// within its own block.
void Entropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    std::array<std::uint8_t, 8> counter{};
    for (std::size_t at = 0; at < counter.size(); ++at) {
      counter[at] = static_cast<std::uint8_t>(counter_ >> (56 - 8 * at));
    }
    ++counter_;
    const Sha256 block = hmac_sha256(seed_, counter);
    const auto taken = std::min(out.size(), block.size());
    std::copy_n(block.begin(), taken, out.begin());
    out = out.subspan(taken);
  }
}

Bytes Entropy::bytes(std::size_t count) {
  Bytes out(count);
  fill(out);
  return out;
}

std::uint64_t Entropy::u64() {
  std::array<std::uint8_t, 8> drawn{};
  fill(drawn);
  std::uint64_t out = 0;
  for (const auto byte : drawn) out = out << 8 | byte;
  return out;
}

Uuid Entropy::uuid() {
  std::array<std::uint8_t, 16> drawn{};
  fill(drawn);
  return Uuid::from_entropy(drawn);
}

Entropy::Seed Entropy::seed() {
  Seed out;
  fill(out);
  return out;
}

}  // namespace smartlic::identity
