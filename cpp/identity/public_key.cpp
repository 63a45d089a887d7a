#include "identity/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "identity/encoding.hpp"
#include "identity/hash.hpp"
#include "identity/openssl.hpp"

namespace smartlic::identity {

struct PublicKey::Impl {
  Algorithm algorithm{};
  ossl::PkeyCtx verifier;  // prepared once; every verification works on a copy (thread safety)
  Bytes spki;
  std::string thumbprint;
};

namespace {

using EcdsaSig = ossl::Ptr<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t coordinate = 32;  // octets of a P-256 coordinate, and of r and s
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 4096;

/// Everything before the coordinates in the SubjectPublicKeyInfo of an uncompressed P-256 point
/// (RFC 5480): SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 04 ...
constexpr std::array<std::uint8_t, 27> p256_prefix{
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
    0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

bool is_p256(ByteView spki) {
  return spki.size() == p256_prefix.size() + 2 * coordinate &&
         std::equal(p256_prefix.begin(), p256_prefix.end(), spki.begin());
}

/// The key of such a point, checked to be on the curve: five times as fast as OpenSSL's search for
/// a decoder in d2i_PUBKEY.
ossl::Pkey p256_key(ByteView spki) {
  const auto point = spki.subspan(p256_prefix.size() - 1);
  char group[] = "P-256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_END};
  const ossl::PkeyCtx context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* out = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters));
  return ossl::Pkey{out};
}

ossl::Bn rsa_number(const EVP_PKEY& key, const char* name) {
  BIGNUM* out = nullptr;
  EVP_PKEY_get_bn_param(&key, name, &out);
  return ossl::Bn{out};
}

bool is_acceptable_rsa(const EVP_PKEY& key) {
  if (EVP_PKEY_get_base_id(&key) != EVP_PKEY_RSA) return false;
  const auto e = rsa_number(key, OSSL_PKEY_PARAM_RSA_E);
  const int bits = EVP_PKEY_get_bits(&key);
  return e != nullptr && bits >= rsa_bits_min && bits <= rsa_bits_max && BN_is_odd(e.get()) &&
         BN_num_bits(e.get()) >= 17 && BN_num_bits(e.get()) <= 64;
}

std::string base64url_of(const BIGNUM& number) {
  Bytes magnitude(static_cast<std::size_t>(BN_num_bytes(&number)));
  BN_bn2bin(&number, magnitude.data());
  return base64url(magnitude);
}

/// The members that RFC 7638, 3.2 requires, in lexicographic order.
std::string jwk(const EVP_PKEY& key, Algorithm algorithm, ByteView spki) {
  if (algorithm == Algorithm::es256) {
    const auto point = spki.subspan(p256_prefix.size());
    return R"({"crv":"P-256","kty":"EC","x":")" + base64url(point.first(coordinate)) +
           R"(","y":")" + base64url(point.last(coordinate)) + R"("})";
  }
  return R"({"e":")" + base64url_of(*rsa_number(key, OSSL_PKEY_PARAM_RSA_E)) +
         R"(","kty":"RSA","n":")" + base64url_of(*rsa_number(key, OSSL_PKEY_PARAM_RSA_N)) + R"("})";
}

ossl::PkeyCtx prepare_verifier(EVP_PKEY* key, Algorithm algorithm) {
  ossl::PkeyCtx out{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
  const bool ready = out != nullptr && EVP_PKEY_verify_init(out.get()) == 1 &&
                     (algorithm == Algorithm::es256 ||
                      EVP_PKEY_CTX_set_rsa_padding(out.get(), RSA_PKCS1_PADDING) == 1) &&
                     EVP_PKEY_CTX_set_signature_md(out.get(), EVP_sha256()) == 1;
  if (!ready) out.reset();
  return out;
}

/// r || s as the DER that OpenSSL wants; empty for a wrong length.
Bytes ecdsa_der(ByteView jws_signature) {
  if (jws_signature.size() != 2 * coordinate) return {};
  const EcdsaSig out{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(jws_signature.data(), coordinate, nullptr);
  BIGNUM* s = BN_bin2bn(jws_signature.data() + coordinate, coordinate, nullptr);
  ECDSA_SIG_set0(out.get(), r, s);
  return ossl::to_der<i2d_ECDSA_SIG>(out.get());
}

}  // namespace

Result<PublicKey> PublicKey::from_spki_der(ByteView der) {
  const ossl::ErrorScope errors;
  const bool p256 = is_p256(der);
  const auto key = p256 ? p256_key(der) : ossl::from_der<ossl::Pkey, d2i_PUBKEY>(der);
  if (key == nullptr) return Error{Errc::invalid_argument, "not a public key in DER"};
  if (!p256 && !is_acceptable_rsa(*key)) {
    return Error{Errc::algorithm_refused,
                 "a key is P-256 with its point uncompressed, or RSA of 2048 to 4096 bits with an "
                 "odd exponent of 65537 or more"};
  }
  auto impl = std::make_shared<Impl>();
  impl->algorithm = p256 ? Algorithm::es256 : Algorithm::rs256;
  impl->spki.assign(der.begin(), der.end());
  if (!p256 && ossl::to_der<i2d_PUBKEY>(key.get()) != impl->spki) {
    return Error{Errc::invalid_argument, "a public key in another encoding than DER"};
  }
  impl->thumbprint = base64url(sha256(as_bytes(jwk(*key, impl->algorithm, der))));
  impl->verifier = prepare_verifier(key.get(), impl->algorithm);
  if (impl->verifier == nullptr) return Error{Errc::internal, "OpenSSL cannot use the public key"};
  return PublicKey{std::move(impl)};
}

Algorithm PublicKey::algorithm() const { return impl_->algorithm; }

bool PublicKey::verify_digest(const Sha256& digest, ByteView jws_signature) const {
  if (impl_->algorithm == Algorithm::rs256) return verify_der_digest(digest, jws_signature);
  return verify_der_digest(digest, ecdsa_der(jws_signature));
}

bool PublicKey::verify_der(ByteView data, ByteView signature) const {
  return verify_der_digest(sha256(data), signature);
}

bool PublicKey::verify_der_digest(const Sha256& digest, ByteView signature) const {
  const ossl::ErrorScope errors;
  const ossl::PkeyCtx verifier{EVP_PKEY_CTX_dup(impl_->verifier.get())};
  return verifier != nullptr && EVP_PKEY_verify(verifier.get(), signature.data(), signature.size(),
                                                digest.data(), digest.size()) == 1;
}

const std::string& PublicKey::thumbprint() const { return impl_->thumbprint; }

ByteView PublicKey::spki_der() const { return impl_->spki; }

bool operator==(const PublicKey& a, const PublicKey& b) { return a.impl_->spki == b.impl_->spki; }

}  // namespace smartlic::identity
