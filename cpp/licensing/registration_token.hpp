#pragma once
// Registration tokens as people carry them (RULES M5, P3): `<id>.<secret>`, both base64url.

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/entropy.hpp"
#include "identity/hash.hpp"
#include "licensing/ledger.hpp"

namespace smartlic::licensing {

/// A token just made: what is kept, and what is shown once.
struct NewToken {
  TokenRecord record;
  std::string text;
};

/// Errors: `invalid_argument` if it would have no use at all.
[[nodiscard]] Result<NewToken> make_token(identity::Entropy& entropy, std::string virtual_account,
                                          UtcTime expires = never, std::int64_t max_uses = 1);

/// What a device makes of the text: the secret itself is not needed any more.
struct TokenParts {
  std::string id;
  identity::Sha256 secret_hash{};
};

/// Takes white space around the text, as copying leaves it. Errors: `token_invalid`.
[[nodiscard]] Result<TokenParts> parse_token(std::string_view text);

}  // namespace smartlic::licensing
