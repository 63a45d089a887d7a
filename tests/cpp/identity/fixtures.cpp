#include "fixtures.hpp"

#include <openssl/x509v3.h>

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace smartlic::identity::test {

std::string vector_text(const std::string& name) {
  const std::ifstream file{std::string{SMARTLIC_VECTORS} + "/identity/" + name, std::ios::binary};
  if (!file) throw std::runtime_error("no vector " + name);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

PrivateKey fixed_key(const std::string& name) {
  static std::map<std::string, PrivateKey> kept;
  auto found = kept.find(name);
  if (found == kept.end()) {
    found = kept.emplace(name, *PrivateKey::from_pem(vector_text(name + ".key.pem"))).first;
  }
  return found->second;
}

Forge::Forge(const Certificate& model)
    : x_{ossl::from_der<ossl::X509Cert, d2i_X509>(model.der())} {}

Forge& Forge::set(int nid, const std::string& value) { return drop(nid).add(nid, value); }

Forge& Forge::add(int nid, const std::string& value) {
  const ossl::Ptr<X509_EXTENSION, X509_EXTENSION_free> made{
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str())};
  if (made == nullptr || X509_add_ext(x_.get(), made.get(), -1) != 1)
    throw std::runtime_error(value);
  return *this;
}

Forge& Forge::drop(int nid) {
  for (int at = X509_get_ext_by_NID(x_.get(), nid, -1); at >= 0;
       at = X509_get_ext_by_NID(x_.get(), nid, -1)) {
    X509_EXTENSION_free(X509_delete_ext(x_.get(), at));
  }
  return *this;
}

Forge& Forge::unknown_critical() {
  const ossl::Asn1String null_value{ASN1_OCTET_STRING_new()};
  ASN1_OCTET_STRING_set(null_value.get(), as_bytes(std::string_view{"\x05\x00", 2}).data(), 2);
  const ossl::Ptr<X509_EXTENSION, X509_EXTENSION_free> made{
      X509_EXTENSION_create_by_NID(nullptr, NID_netscape_comment, 1, null_value.get())};
  X509_add_ext(x_.get(), made.get(), -1);
  return *this;
}

Forge& Forge::issuer(const Certificate& other) {
  const auto name = ossl::from_der<ossl::Name, d2i_X509_NAME>(other.subject_der());
  X509_set_issuer_name(x_.get(), name.get());
  return *this;
}

Forge& Forge::common_name(const std::string& text) {
  X509_NAME* name = X509_get_subject_name(x_.get());
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, at));
  X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, as_bytes(text).data(),
                             static_cast<int>(text.size()), -1, 0);
  return *this;
}

Forge& Forge::version(long number) {
  X509_set_version(x_.get(), number);
  return *this;
}

Forge& Forge::not_before(const std::string& generalized_time) {
  const ossl::Time time{ASN1_GENERALIZEDTIME_new()};
  ASN1_STRING_set(time.get(), generalized_time.data(), static_cast<int>(generalized_time.size()));
  X509_set1_notBefore(x_.get(), time.get());
  return *this;
}

Bytes Forge::der(const PrivateKey& signer) const {
  if (!signer.sign_in_place(*x_)) throw std::runtime_error("cannot sign");
  return ossl::to_der<i2d_X509>(x_.get());
}

Certificate Forge::sign(const PrivateKey& signer) const {
  return *Certificate::from_der(der(signer));
}

}  // namespace smartlic::identity::test
