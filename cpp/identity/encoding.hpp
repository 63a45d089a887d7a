#pragma once
// The text forms of bytes. Decoders accept exactly what the encoders write, so one value has one
// spelling (RULES M1).

#include <string>
#include <string_view>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"

namespace smartlic::identity {

/// base64url without padding (RFC 4648, 5), as in every JWS member.
[[nodiscard]] std::string base64url(ByteView bytes);
/// Refuses padding, white space, foreign characters and trailing bits that are not zero:
/// `invalid_argument`.
[[nodiscard]] Result<Bytes> from_base64url(std::string_view text);

/// base64 with padding (RFC 4648, 4), as in `x5c` (RFC 7515, 4.1.6).
[[nodiscard]] std::string base64(ByteView bytes);
/// Refuses missing padding, white space, foreign characters and trailing bits that are not zero:
/// `invalid_argument`.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

/// Lower-case base32 without padding (RFC 4648, 6), for the account hash of an ID certificate
/// (RULES M6).
[[nodiscard]] std::string base32(ByteView bytes);

/// Lower-case hexadecimal.
[[nodiscard]] std::string hex(ByteView bytes);

/// One block of a PEM text (RFC 7468).
struct PemBlock {
  std::string label;  ///< as in "-----BEGIN <label>-----"
  Bytes der;
};

/// A DER structure as PEM: 64 characters a line, ending in a newline.
[[nodiscard]] std::string to_pem(std::string_view label, ByteView der);

/// All blocks of a text, in its order; at least one. Lines outside of blocks are skipped, as RFC
/// 7468 allows (explanatory text). Errors: `invalid_argument` for a block without end, a header
/// inside a block, or bytes that are not base64.
[[nodiscard]] Result<std::vector<PemBlock>> from_pem(std::string_view text);

}  // namespace smartlic::identity
