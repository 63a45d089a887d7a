#include "io/local/entropy.hpp"

#include <sys/random.h>

#include <cerrno>

#include "io/local/descriptor.hpp"

namespace smartlic::io {

Result<void> fill_entropy(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_error(errno, "call", "getrandom");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<Seed> entropy_seed() {
  Seed seed{};
  if (const auto filled = fill_entropy(seed); !filled) return filled.error();
  return seed;
}

}  // namespace smartlic::io
