#pragma once
// The two signature algorithms of messages and certificates (RULES M1).

#include <cstdint>
#include <string_view>

namespace smartlic::identity {

/// A key has exactly one algorithm, and signs messages, requests and certificates with it alone.
enum class Algorithm : std::uint8_t {
  es256,  ///< ECDSA on P-256 with SHA-256 (RFC 7518, 3.4)
  rs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 4096 bits (RFC 7518, 3.3)
};

/// The `alg` of a JWS header.
[[nodiscard]] constexpr std::string_view to_string(Algorithm algorithm) {
  return algorithm == Algorithm::es256 ? "ES256" : "RS256";
}

}  // namespace smartlic::identity
