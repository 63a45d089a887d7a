#include "identity/csr.hpp"

#include "identity/der.hpp"
#include "identity/openssl.hpp"

namespace smartlic::identity {

struct Csr::Impl {
  Bytes der;
  PublicKey public_key;
  Udi udi;
};

namespace {

Error malformed(const std::string& what) {
  return {Errc::invalid_argument, "certificate request: " + what};
}

/// Whether the request is signed by the key in it (RFC 2986, 4.2).
Result<void> verify(const X509_REQ& request, ByteView der, const PublicKey& key) {
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* identifier = nullptr;
  X509_REQ_get0_signature(&request, &signature, &identifier);
  const auto algorithm = signature_algorithm_of(*identifier);
  if (!algorithm) return algorithm.error();
  if (*algorithm != key.algorithm()) {
    return Error{Errc::algorithm_refused, "certificate request: not the algorithm of its key"};
  }
  if (key.verify_der(signed_part(der), ossl::view(signature))) return {};
  return Error{Errc::signature_invalid, "certificate request: not signed by its own key"};
}

}  // namespace

Result<Bytes> create_csr(const PrivateKey& key, const Udi& udi) {
  const ossl::ErrorScope errors;
  const auto checked = Udi::make(udi.product_id, udi.serial);
  if (!checked) return checked.error();
  const ossl::X509Req request{X509_REQ_new()};
  const ossl::Name subject{X509_NAME_new()};
  const std::string text = udi.to_string();
  const bool filled = X509_NAME_add_entry_by_NID(subject.get(), NID_serialNumber, MBSTRING_UTF8,
                                                 as_bytes(text).data(),
                                                 static_cast<int>(text.size()), -1, 0) == 1 &&
                      X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                      X509_REQ_set_subject_name(request.get(), subject.get()) == 1 &&
                      set_public_key(X509_REQ_get_X509_PUBKEY(request.get()), key.public_key());
  if (!filled) return Error{Errc::internal, "OpenSSL could not make a certificate request"};
  if (auto done = key.sign_in_place(*request); !done) return done.error();
  return ossl::to_der<i2d_X509_REQ>(request.get());
}

Result<Csr> Csr::from_der(ByteView der) {
  const ossl::ErrorScope errors;
  const auto request = ossl::from_der<ossl::X509Req, d2i_X509_REQ>(der);
  if (request == nullptr) return malformed("not PKCS#10 in DER, or followed by other bytes");
  if (X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1) return malformed("its version");
  auto key = PublicKey::from_spki_der(
      ossl::to_der<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request.get())));
  if (!key) return key.error();
  if (auto held = verify(*request, der, *key); !held) return held.error();
  auto udi =
      Udi::parse(single_attribute(*X509_REQ_get_subject_name(request.get()), NID_serialNumber));
  if (!udi) return malformed(udi.error().detail);
  return Csr{std::make_shared<Impl>(
      Impl{Bytes(der.begin(), der.end()), std::move(*key), std::move(*udi)})};
}

ByteView Csr::der() const { return impl_->der; }
const PublicKey& Csr::public_key() const { return impl_->public_key; }
const Udi& Csr::udi() const { return impl_->udi; }

}  // namespace smartlic::identity
