#include "identity/authority.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "identity/der.hpp"
#include "identity/encoding.hpp"
#include "identity/openssl.hpp"

namespace smartlic::identity {
namespace {

Error refused(std::string why) { return {Errc::invalid_argument, std::move(why)}; }

/// RFC 7093, 2, method 1: the leftmost 160 bits of SHA-256 over the bits of the public key.
Bytes key_id_of(const PublicKey& key) {
  const Sha256 digest = sha256(key_bits(key));
  return {digest.begin(), digest.begin() + 20};
}

ossl::Asn1String octets(ByteView bytes) {
  ossl::Asn1String out{ASN1_OCTET_STRING_new()};
  ASN1_OCTET_STRING_set(out.get(), bytes.data(), static_cast<int>(bytes.size()));
  return out;
}

/// A certificate in the making. A step that OpenSSL refuses is remembered, and `sign` says so.
class Draft {
 public:
  Draft(const PublicKey& key, const SerialNumber& serial, UtcTime not_before, UtcTime not_after) {
    const auto magnitude = serial.bytes();
    const ossl::Bn number{BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr)};
    const auto begin = to_asn1_time(not_before);
    const auto end = to_asn1_time(not_after);
    check(X509_set_version(x_.get(), X509_VERSION_3) == 1);
    check(set_public_key(X509_get_X509_PUBKEY(x_.get()), key));
    check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x_.get())) != nullptr);
    check(begin != nullptr && X509_set1_notBefore(x_.get(), begin.get()) == 1);
    check(end != nullptr && X509_set1_notAfter(x_.get(), end.get()) == 1);
    subject_key_id_ = key_id_of(key);
  }

  void subject(int nid, std::string_view text) {
    check(X509_NAME_add_entry_by_NID(X509_get_subject_name(x_.get()), nid, MBSTRING_UTF8,
                                     as_bytes(text).data(), static_cast<int>(text.size()), -1,
                                     0) == 1);
  }

  void authority(long path_len) {
    const ossl::BasicConstraints value{BASIC_CONSTRAINTS_new()};
    value->ca = 0xFF;
    value->pathlen = ASN1_INTEGER_new();
    ASN1_INTEGER_set(value->pathlen, path_len);
    extension(NID_basic_constraints, value.get(), true);
    usage(key_usage::key_cert_sign | key_usage::digital_signature);
  }

  void end_entity(int purpose) {
    const ossl::BasicConstraints value{BASIC_CONSTRAINTS_new()};
    extension(NID_basic_constraints, value.get(), true);
    usage(key_usage::digital_signature);
    const ossl::ExtendedKeyUsage purposes{EXTENDED_KEY_USAGE_new()};
    sk_ASN1_OBJECT_push(purposes.get(), OBJ_nid2obj(purpose));
    extension(NID_ext_key_usage, purposes.get(), false);
  }

  /// Adds a URI or DNS name to the alternative names.
  void name(int kind, std::string_view text) {
    ossl::Asn1String value{ASN1_IA5STRING_new()};
    ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size()));
    name(kind, std::move(value));
  }
  void address(const std::string& text) {
    name(GEN_IPADD, ossl::Asn1String{a2i_IPADDRESS(text.c_str())});
  }

  /// Names the issuer, signs, and reads the result back. `authority_key_id` is empty for a root.
  Result<Certificate> sign(ByteView issuer_name, ByteView authority_key_id, const PrivateKey& key) {
    if (sk_GENERAL_NAME_num(names_.get()) > 0) extension(NID_subject_alt_name, names_.get(), false);
    const auto ski = octets(subject_key_id_);
    extension(NID_subject_key_identifier, ski.get(), false);
    if (!authority_key_id.empty()) {
      const ossl::AuthorityKeyId aki{AUTHORITY_KEYID_new()};
      aki->keyid = octets(authority_key_id).release();
      extension(NID_authority_key_identifier, aki.get(), false);
    }
    const auto issuer = ossl::from_der<ossl::Name, d2i_X509_NAME>(issuer_name);
    check(X509_set_issuer_name(x_.get(), issuer.get()) == 1);
    if (!good_) return refused("a name, address or date that no certificate can carry");
    if (auto done = key.sign_in_place(*x_); !done) return done.error();
    return Certificate::from_der(ossl::to_der<i2d_X509>(x_.get()));
  }

  [[nodiscard]] Bytes subject_der() const {
    return ossl::to_der<i2d_X509_NAME>(X509_get_subject_name(x_.get()));
  }

 private:
  void check(bool worked) { good_ = good_ && worked; }

  void extension(int nid, void* value, bool critical) {
    check(X509_add1_ext_i2d(x_.get(), nid, value, critical ? 1 : 0, X509V3_ADD_APPEND) == 1);
  }

  void usage(std::uint16_t bits) {
    const ossl::Asn1String value{ASN1_BIT_STRING_new()};
    for (int bit = 0; bit < 8; ++bit) {
      if ((bits & (0x80 >> bit)) != 0) ASN1_BIT_STRING_set_bit(value.get(), bit, 1);
    }
    extension(NID_key_usage, value.get(), true);
  }

  void name(int kind, ossl::Asn1String value) {
    check(value != nullptr);
    if (value == nullptr) return;
    GENERAL_NAME* out = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(out, kind, value.release());
    sk_GENERAL_NAME_push(names_.get(), out);
  }

  const ossl::ErrorScope errors_;
  const ossl::X509Cert x_{X509_new()};
  const ossl::GeneralNames names_{GENERAL_NAMES_new()};
  Bytes subject_key_id_;
  bool good_ = true;
};

enum class Rank { root, signing };

/// Whether this signer may issue a certificate of that life below it.
Result<void> check_signer(const Signer& signer, Rank rank, UtcTime not_before, UtcTime not_after) {
  const auto& certificate = signer.certificate;
  const std::string who = "'" + certificate.common_name() + "'";
  if (signer.key.public_key() != certificate.public_key()) {
    return refused("the key given is not that of " + who);
  }
  const bool below_root = certificate.path_len() == 0U;
  if (!certificate.is_ca() || (certificate.key_usages() & key_usage::key_cert_sign) == 0 ||
      certificate.subject_key_id().empty() || below_root != (rank == Rank::signing)) {
    return refused(who + (rank == Rank::root ? " is not a root" : " is not a signing certificate"));
  }
  if (not_before >= not_after) return refused("the certificate would end before it begins");
  if (floor<std::chrono::seconds>(not_after) > certificate.not_after()) {
    return refused(who + " ends " + utc_text(certificate.not_after()) +
                   ", before the certificate that it should sign (" + utc_text(not_after) +
                   "); rotate it: issue a new one with a longer life and a higher serial number");
  }
  return {};
}

/// Letters, digits, hyphens and dots (RFC 5280, 4.2.1.6: the preferred name syntax of RFC 1034).
bool is_dns_name(std::string_view text) {
  const auto allowed = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '.');
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string urn(const Uuid& uuid) { return "urn:uuid:" + uuid.to_string(); }

}  // namespace

Result<Certificate> make_root(const PrivateKey& key, const RootOrder& order) {
  if (order.not_before >= order.not_after) return refused("the root would end before it begins");
  Draft draft{key.public_key(), order.serial, order.not_before, order.not_after};
  draft.subject(NID_commonName, order.name);
  draft.authority(1);
  return draft.sign(draft.subject_der(), {}, key);
}

Result<Certificate> issue_signing(const Signer& root, const SigningOrder& order) {
  const auto allowed = check_signer(root, Rank::root, order.not_before, order.not_after);
  if (!allowed) return allowed.error();
  Draft draft{order.key, order.serial, order.not_before, order.not_after};
  draft.subject(NID_commonName, order.manager.to_string());
  draft.authority(0);
  draft.name(GEN_URI, urn(order.manager));
  return draft.sign(root.certificate.subject_der(), root.certificate.subject_key_id(), root.key);
}

Result<Certificate> issue_id(const Signer& signing, const IdOrder& order) {
  const UtcTime end = order.issued_at + order.lifetime;
  const auto allowed = check_signer(signing, Rank::signing, order.issued_at, end);
  if (!allowed) return allowed.error();
  if (!signing.certificate.valid_at(order.issued_at)) {
    return refused("the signing certificate is not valid at the time of issuance, " +
                   utc_text(order.issued_at));
  }
  const auto udi = Udi::make(order.udi.product_id, order.udi.serial);
  if (!udi) return udi.error();
  Draft draft{order.key, order.serial, order.issued_at - id_backdate, end};
  // From the root of the tree down, as RFC 4514 prints it backwards: CN=...,
  // DC=<hash>,DC=smartlic,DC=invalid.
  draft.subject(NID_domainComponent, "invalid");
  draft.subject(NID_domainComponent, "smartlic");
  draft.subject(NID_domainComponent, account_hash(order.logical_account));
  draft.subject(NID_serialNumber, udi->to_string());
  draft.subject(NID_commonName, order.instance.to_string());
  draft.end_entity(NID_client_auth);
  draft.name(GEN_URI, urn(order.instance));
  const auto& signer = signing.certificate;
  return draft.sign(signer.subject_der(), signer.subject_key_id(), signing.key);
}

Result<Certificate> issue_tls_server(const Signer& root, const TlsServerOrder& order) {
  const auto allowed = check_signer(root, Rank::root, order.not_before, order.not_after);
  if (!allowed) return allowed.error();
  if (order.dns_names.empty() && order.ip_addresses.empty()) {
    return refused("a TLS certificate needs a DNS name or an IP address");
  }
  if (!std::all_of(order.dns_names.begin(), order.dns_names.end(), is_dns_name)) {
    return refused("a DNS name has letters, digits, hyphens and dots");
  }
  Draft draft{order.key, order.serial, order.not_before, order.not_after};
  draft.subject(NID_commonName,
                order.dns_names.empty() ? order.ip_addresses.front() : order.dns_names.front());
  draft.end_entity(NID_server_auth);
  for (const auto& each : order.dns_names) draft.name(GEN_DNS, each);
  for (const auto& each : order.ip_addresses) draft.address(each);
  return draft.sign(root.certificate.subject_der(), root.certificate.subject_key_id(), root.key);
}

std::string account_hash(std::string_view logical_account) {
  return base32(sha256(as_bytes(logical_account)));
}

}  // namespace smartlic::identity
