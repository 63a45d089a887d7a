#pragma once
// What certificates and requests have in common when they are read. Included by this room's .cpp
// files only.

#include <optional>
#include <string>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/algorithm.hpp"
#include "identity/openssl.hpp"
#include "identity/public_key.hpp"

namespace smartlic::identity {

/// What a signed structure (certificate or request) consists of: SEQUENCE { body, algorithm,
/// signature }. The first member's bytes, as they stand in `der`. Empty if `der` does not begin so.
[[nodiscard]] ByteView signed_part(ByteView der);

/// The algorithm of an AlgorithmIdentifier with exactly the parameters that RFC 5758 and RFC 4055
/// give it. Errors: `algorithm_refused`.
[[nodiscard]] Result<Algorithm> signature_algorithm_of(const X509_ALGOR& identifier);

/// The octets of the key within its SubjectPublicKeyInfo: the content of the bit string.
[[nodiscard]] ByteView key_bits(const PublicKey& key);

/// Puts a key into a certificate or request. Unlike X509_set_pubkey it copies the bytes, and does
/// not encode and decode the key on the way.
[[nodiscard]] bool set_public_key(X509_PUBKEY* target, const PublicKey& key);

/// The one attribute of this kind in a name, in UTF-8; empty if there is none or more than one.
[[nodiscard]] std::string single_attribute(const X509_NAME& name, int nid);

/// A time as RFC 5280, 4.1.2.5 has it: Z, whole seconds, UTCTime until 2049 and GeneralizedTime
/// from 2050. Nothing for others.
[[nodiscard]] std::optional<UtcTime> time_of(const ASN1_TIME& time);

/// The same way back, cut to whole seconds; null outside of the years 1950 to 9999.
[[nodiscard]] ossl::Time to_asn1_time(UtcTime time);

/// `2026-05-02 00:00:00 UTC`, for the detail of an error.
[[nodiscard]] std::string utc_text(UtcTime time);

}  // namespace smartlic::identity
