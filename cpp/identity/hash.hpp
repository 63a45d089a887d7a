#pragma once
// SHA-256 and what is made of it.

#include <array>
#include <cstdint>

#include "foundation/bytes.hpp"

namespace smartlic::identity {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(ByteView data);

/// RFC 2104 with SHA-256; the token's proof (RULES M5) is one.
[[nodiscard]] Sha256 hmac_sha256(ByteView key, ByteView data);

/// Whether two byte strings are equal, in a time that tells their lengths only. For proofs and
/// other secrets.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b);

}  // namespace smartlic::identity
