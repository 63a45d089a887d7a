#include "licensing/registration_token.hpp"

#include "identity/encoding.hpp"

namespace smartlic::licensing {
namespace {

constexpr std::size_t id_bytes = 9;       // 12 characters, to name it by in lists
constexpr std::size_t secret_bytes = 24;  // 192 bits: nothing to guess, offline either

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

Result<NewToken> make_token(identity::Entropy& entropy, std::string virtual_account,
                            UtcTime expires, std::int64_t max_uses) {
  if (max_uses < 1) return Error{Errc::invalid_argument, "a token needs one use at least"};
  const std::string id = identity::base64url(entropy.bytes(id_bytes));
  const Bytes secret = entropy.bytes(secret_bytes);
  return NewToken{{.id = id,
                   .secret_hash = identity::sha256(secret),
                   .virtual_account = std::move(virtual_account),
                   .expires = expires,
                   .max_uses = max_uses},
                  id + "." + identity::base64url(secret)};
}

Result<TokenParts> parse_token(std::string_view text) {
  text = trimmed(text);
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return Error{Errc::token_invalid, "it has no '.'"};
  const auto id = identity::from_base64url(text.substr(0, dot));
  const auto secret = identity::from_base64url(text.substr(dot + 1));
  if (!id || !secret || id->size() != id_bytes || secret->size() != secret_bytes) {
    return Error{Errc::token_invalid, "it is not <id>.<secret>"};
  }
  return TokenParts{std::string{text.substr(0, dot)}, identity::sha256(*secret)};
}

}  // namespace smartlic::licensing
