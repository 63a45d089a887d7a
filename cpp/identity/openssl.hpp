#pragma once
// Owning pointers for OpenSSL's types. Included by this room's .cpp files only.

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>

#include "foundation/bytes.hpp"

namespace smartlic::identity::ossl {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
template <class T, auto Free>
using Ptr = std::unique_ptr<T, Deleter<Free>>;

/// Takes back what its scope put on OpenSSL's error queue: leftovers would be read as failures of a
/// later TLS call.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

using Algor = Ptr<X509_ALGOR, X509_ALGOR_free>;
using Asn1String = Ptr<ASN1_STRING, ASN1_STRING_free>;
using AuthorityKeyId = Ptr<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using BasicConstraints = Ptr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using Bn = Ptr<BIGNUM, BN_free>;
using ExtendedKeyUsage = Ptr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using GeneralNames = Ptr<GENERAL_NAMES, GENERAL_NAMES_free>;
using Md = Ptr<EVP_MD, EVP_MD_free>;
using Name = Ptr<X509_NAME, X509_NAME_free>;
using Pkcs8 = Ptr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using Pkey = Ptr<EVP_PKEY, EVP_PKEY_free>;
using PkeyCtx = Ptr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Time = Ptr<ASN1_TIME, ASN1_TIME_free>;
using X509Cert = Ptr<X509, X509_free>;
using X509Req = Ptr<X509_REQ, X509_REQ_free>;
using X509Sig = Ptr<X509_SIG, X509_SIG_free>;

/// DER of any type that has an `i2d_` function; empty if OpenSSL cannot encode it.
template <auto I2d, class T>
[[nodiscard]] Bytes to_der(T* object) {
  const int size = I2d(object, nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* end = out.data();
  I2d(object, &end);
  return out;
}

/// Reads one object with its `d2i_` function; null unless it fills `der` exactly.
template <class Owner, auto D2i>
[[nodiscard]] Owner from_der(ByteView der) {
  const unsigned char* at = der.data();
  Owner out{D2i(nullptr, &at, static_cast<long>(der.size()))};
  if (out != nullptr && at != der.data() + der.size()) out.reset();
  return out;
}

[[nodiscard]] inline ByteView view(const ASN1_STRING* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

}  // namespace smartlic::identity::ossl
