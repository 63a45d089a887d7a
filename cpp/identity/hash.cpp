#include "identity/hash.hpp"

#include <openssl/hmac.h>

#include <new>

#include "identity/openssl.hpp"

namespace smartlic::identity {
namespace {

// Fetched once: EVP_sha256() would be looked up in the providers at every call.
const EVP_MD* fetched_sha256() {
  static const ossl::Md md{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return md.get();
}

}  // namespace

// OpenSSL fails here only when memory does, so that is what the caller gets.
Sha256 sha256(ByteView data) {
  Sha256 out;
  if (EVP_Digest(data.data(), data.size(), out.data(), nullptr, fetched_sha256(), nullptr) != 1) {
    throw std::bad_alloc{};
  }
  return out;
}

Sha256 hmac_sha256(ByteView key, ByteView data) {
  constexpr unsigned char empty_key = 0;  // a null key would mean "the key of before"
  Sha256 out;
  if (HMAC(fetched_sha256(), key.empty() ? &empty_key : key.data(), static_cast<int>(key.size()),
           data.data(), data.size(), out.data(), nullptr) == nullptr) {
    throw std::bad_alloc{};
  }
  return out;
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace smartlic::identity
