#include "identity/keys.hpp"

#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "identity/encoding.hpp"
#include "identity/openssl.hpp"

// The one file of the core in which OpenSSL draws its own randomness (DESIGN 3). A k that repeats,
// or that somebody can compute, gives an ECDSA key away, so it is never made of an argument.

namespace smartlic::identity {

struct PrivateKey::Impl {
  ossl::Pkey key;
  ossl::PkeyCtx signer;  // prepared once; every signature is made on a copy (thread safety)
  PublicKey public_key;

  /// Takes a key whose public half is one of ours. Errors: as PublicKey::from_spki_der.
  static Result<PrivateKey> adopt(ossl::Pkey key);
};

namespace {

constexpr const char* clear_label = "PRIVATE KEY";
constexpr const char* encrypted_label = "ENCRYPTED PRIVATE KEY";
constexpr int pbkdf2_rounds = 600'000;  // OWASP's figure for PBKDF2-HMAC-SHA-256
constexpr std::size_t salt_size = 16;   // the other half of SaltAndIv is the IV
constexpr std::size_t coordinate = 32;  // octets of r and of s

/// Bytes that are wiped when they go: a key in clear.
struct Secret : Bytes {
  explicit Secret(Bytes&& bytes) : Bytes{std::move(bytes)} {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(data(), size()); }
};

ossl::PkeyCtx prepare_signer(EVP_PKEY* key, Algorithm algorithm) {
  ossl::PkeyCtx out{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
  const bool ready = out != nullptr && EVP_PKEY_sign_init(out.get()) == 1 &&
                     (algorithm == Algorithm::es256 ||
                      EVP_PKEY_CTX_set_rsa_padding(out.get(), RSA_PKCS1_PADDING) == 1) &&
                     EVP_PKEY_CTX_set_signature_md(out.get(), EVP_sha256()) == 1;
  if (!ready) out.reset();
  return out;
}

/// OpenSSL's own SEQUENCE { INTEGER r, INTEGER s }, all lengths below 128, as r || s (RFC
/// 7518, 3.4).
Bytes jws_form(ByteView der) {
  Bytes out(2 * coordinate);
  auto rest = der.subspan(2);
  for (const std::size_t end : {coordinate, 2 * coordinate}) {
    const auto number = rest.subspan(2, rest[1]);
    const auto digits =
        number.last(std::min(number.size(), coordinate));  // a 33rd is a zero, for the sign
    std::copy(digits.begin(), digits.end(),
              out.begin() + static_cast<std::ptrdiff_t>(end - digits.size()));
    rest = rest.subspan(2 + number.size());
  }
  return out;
}

ossl::Pkcs8 decrypt(ByteView der, std::string_view passphrase) {
  const auto encrypted = ossl::from_der<ossl::X509Sig, d2i_X509_SIG>(der);
  if (encrypted == nullptr) return nullptr;
  return ossl::Pkcs8{
      PKCS8_decrypt(encrypted.get(), passphrase.data(), static_cast<int>(passphrase.size()))};
}

}  // namespace

Result<PrivateKey> PrivateKey::Impl::adopt(ossl::Pkey key) {
  auto public_key = PublicKey::from_spki_der(ossl::to_der<i2d_PUBKEY>(key.get()));
  if (!public_key) return public_key.error();
  auto signer = prepare_signer(key.get(), public_key->algorithm());
  if (signer == nullptr) return Error{Errc::internal, "OpenSSL cannot sign with the key"};
  return PrivateKey{
      std::make_shared<Impl>(Impl{std::move(key), std::move(signer), std::move(*public_key)})};
}

Result<PrivateKey> PrivateKey::generate(Algorithm algorithm, unsigned rsa_bits) {
  const ossl::ErrorScope errors;
  if (algorithm == Algorithm::rs256 && (rsa_bits < 2048 || rsa_bits > 4096)) {
    return Error{Errc::algorithm_refused, "an RSA key has 2048 to 4096 bits"};
  }
  ossl::Pkey key{algorithm == Algorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(rsa_bits)};
  if (key == nullptr) return Error{Errc::internal, "OpenSSL could not make a key"};
  return Impl::adopt(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view text, std::string_view passphrase) {
  const ossl::ErrorScope errors;
  const auto blocks = identity::from_pem(text);
  if (!blocks) return blocks.error();
  const auto& block = blocks->front();
  const bool encrypted = block.label == encrypted_label;
  if (blocks->size() != 1 || (!encrypted && block.label != clear_label)) {
    return Error{Errc::invalid_argument, "a key is one PKCS#8 block, clear or encrypted"};
  }
  const auto pkcs8 = encrypted ? decrypt(block.der, passphrase)
                               : ossl::from_der<ossl::Pkcs8, d2i_PKCS8_PRIV_KEY_INFO>(block.der);
  ossl::Pkey key{pkcs8 == nullptr ? nullptr : EVP_PKCS82PKEY(pkcs8.get())};
  if (key == nullptr) {
    // A wrong passphrase gives a wrong padding, or one time in 256 right padding around rubbish.
    return encrypted ? Error{Errc::passphrase_wrong, passphrase.empty() ? "one is needed" : ""}
                     : Error{Errc::invalid_argument, "not a private key in PKCS#8"};
  }
  auto out = Impl::adopt(std::move(key));
  if (!out) return out;
  const auto probe = out->sign(block.der);
  if (!probe || !out->public_key().verify(block.der, *probe)) {
    return Error{Errc::invalid_argument, "the halves of the key pair do not belong together"};
  }
  return out;
}

std::string PrivateKey::to_pem() const {
  const ossl::Pkcs8 pkcs8{EVP_PKEY2PKCS8(impl_->key.get())};
  const Secret der{ossl::to_der<i2d_PKCS8_PRIV_KEY_INFO>(pkcs8.get())};
  return identity::to_pem(clear_label, der);
}

Result<std::string> PrivateKey::to_pem(std::string_view passphrase,
                                       const SaltAndIv& salt_and_iv) const {
  const ossl::ErrorScope errors;
  if (passphrase.empty()) return Error{Errc::invalid_argument, "the passphrase is empty"};
  const ossl::Pkcs8 pkcs8{EVP_PKEY2PKCS8(impl_->key.get())};
  auto salt = salt_and_iv;  // OpenSSL takes it as mutable
  ossl::Algor scheme{PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), pbkdf2_rounds, salt.data(), salt_size,
                                       salt.data() + salt_size, NID_hmacWithSHA256)};
  const ossl::X509Sig encrypted{
      scheme == nullptr ? nullptr
                        : PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()),
                                         pkcs8.get(), scheme.get())};
  if (encrypted == nullptr) return Error{Errc::internal, "OpenSSL could not encrypt the key"};
  static_cast<void>(scheme.release());  // it belongs to `encrypted` now
  return identity::to_pem(encrypted_label, ossl::to_der<i2d_X509_SIG>(encrypted.get()));
}

Result<Bytes> PrivateKey::sign_digest(const Sha256& digest) const {
  const ossl::ErrorScope errors;
  const ossl::PkeyCtx signer{EVP_PKEY_CTX_dup(impl_->signer.get())};
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())));
  std::size_t size = out.size();
  if (signer == nullptr ||
      EVP_PKEY_sign(signer.get(), out.data(), &size, digest.data(), digest.size()) != 1) {
    return Error{Errc::internal, "OpenSSL could not sign"};
  }
  out.resize(size);
  return algorithm() == Algorithm::es256 ? jws_form(out) : out;
}

const PublicKey& PrivateKey::public_key() const { return impl_->public_key; }

Result<void> PrivateKey::sign_in_place(X509& certificate) const {
  const ossl::ErrorScope errors;
  if (X509_sign(&certificate, impl_->key.get(), EVP_sha256()) > 0) return {};
  return Error{Errc::internal, "OpenSSL could not sign a certificate"};
}

Result<void> PrivateKey::sign_in_place(X509_REQ& request) const {
  const ossl::ErrorScope errors;
  if (X509_REQ_sign(&request, impl_->key.get(), EVP_sha256()) > 0) return {};
  return Error{Errc::internal, "OpenSSL could not sign a certificate request"};
}

}  // namespace smartlic::identity
