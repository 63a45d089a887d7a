#include "identity/certificate.hpp"

#include <algorithm>
#include <vector>

#include "identity/der.hpp"
#include "identity/encoding.hpp"
#include "identity/openssl.hpp"

namespace smartlic::identity {

struct Certificate::Impl {
  Impl(SerialNumber number, PublicKey key)
      : serial{std::move(number)}, public_key{std::move(key)} {}

  Bytes der;
  Bytes signature;
  ByteView tbs;  // within `der`
  Bytes subject;
  Bytes issuer;
  Sha256 fingerprint{};
  SerialNumber serial;
  PublicKey public_key;
  Algorithm signature_algorithm{};
  UtcTime not_before{};
  UtcTime not_after{};
  std::string common_name;
  std::string subject_serial_number;
  std::string domain_hash;
  bool has_basic_constraints = false;
  bool is_ca = false;
  std::optional<std::uint32_t> path_len;
  std::uint16_t key_usages = 0;
  std::vector<std::string> ext_key_usages;
  std::vector<std::string> san_uris;
  int san_count = 0;
  Bytes subject_key_id;
  Bytes authority_key_id;
  bool has_unknown_critical = false;

  Result<void> read_signature(const X509& x);
  Result<void> read_dates(const X509& x);
  void read_subject(const X509& x);
  Result<void> read_extensions(const X509& x);
};

namespace {

constexpr std::string_view pem_label = "CERTIFICATE";

Error malformed(const std::string& what) {
  return {Errc::invalid_argument, "certificate: " + what};
}

bool is_known_extension(int nid) {
  switch (nid) {
    case NID_basic_constraints:
    case NID_key_usage:
    case NID_ext_key_usage:
    case NID_subject_alt_name:
    case NID_subject_key_identifier:
    case NID_authority_key_identifier:
      return true;
    default:
      return false;
  }
}

/// The one extension of this kind, decoded; null if it is absent. `broken` is set if it is there
/// twice or not readable.
template <class Owner>
Owner extension(const X509& x, int nid, bool& broken) {
  int critical = 0;
  Owner out{static_cast<typename Owner::pointer>(X509_get_ext_d2i(&x, nid, &critical, nullptr))};
  broken = broken || (out == nullptr && critical != -1);
  return out;
}

std::string dotted(const ASN1_OBJECT* object) {
  char text[128];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 && size < static_cast<int>(sizeof text) ? text : "";
}

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

Result<SerialNumber> read_serial(const X509& x) {
  const ASN1_INTEGER* number = X509_get0_serialNumber(&x);
  if (ASN1_STRING_type(number) != V_ASN1_INTEGER) return malformed("negative serial number");
  return SerialNumber::from_bytes(ossl::view(number));
}

/// The algorithm, if it stands alike in both places (RFC 5280, 4.1.1.2).
Result<Algorithm> read_signature_algorithm(const X509& x) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, &x);
  if (X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(&x)) != 0) {
    return malformed("two different signature algorithms");
  }
  return signature_algorithm_of(*outer);
}

/// OpenSSL reads some BER as well; what it writes is DER, so this tells them apart.
bool is_canonical(X509& x, ByteView der) {
  i2d_re_X509_tbs(&x, nullptr);  // forgets the bytes that were read
  const Bytes again = ossl::to_der<i2d_X509>(&x);
  return std::equal(again.begin(), again.end(), der.begin(), der.end());
}

}  // namespace

Result<void> Certificate::Impl::read_signature(const X509& x) {
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, &x);
  constexpr long unused_bits = 0x07;
  if ((bits->flags & unused_bits) != 0) return malformed("a signature that ends within an octet");
  signature = copy(ossl::view(bits));
  return {};
}

Result<void> Certificate::Impl::read_dates(const X509& x) {
  const auto begin = time_of(*X509_get0_notBefore(&x));
  const auto end = time_of(*X509_get0_notAfter(&x));
  if (!begin || !end) return malformed("a date that RFC 5280 does not allow");
  not_before = *begin;
  not_after = *end;
  return {};
}

void Certificate::Impl::read_subject(const X509& x) {
  const X509_NAME* name = X509_get_subject_name(&x);
  subject = ossl::to_der<i2d_X509_NAME>(name);
  issuer = ossl::to_der<i2d_X509_NAME>(X509_get_issuer_name(&x));
  common_name = single_attribute(*name, NID_commonName);
  subject_serial_number = single_attribute(*name, NID_serialNumber);
  // Names are written from the root down, so the most specific component is the last.
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_domainComponent, at)) >= 0;) {
    last = at;
  }
  if (last >= 0) {
    domain_hash = as_text(ossl::view(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last))));
  }
}

Result<void> Certificate::Impl::read_extensions(const X509& x) {
  bool broken = false;
  if (const auto basic = extension<ossl::BasicConstraints>(x, NID_basic_constraints, broken)) {
    has_basic_constraints = true;
    is_ca = basic->ca != 0;
    if (basic->pathlen != nullptr) {
      const long length = ASN1_INTEGER_get(basic->pathlen);
      if (length < 0 || length > 255) return malformed("path length");
      path_len = static_cast<std::uint32_t>(length);
    }
  }
  if (const auto usage = extension<ossl::Asn1String>(x, NID_key_usage, broken)) {
    const auto octets = ossl::view(usage.get());
    if (!octets.empty()) key_usages = octets[0];
    if (octets.size() > 1) key_usages |= static_cast<std::uint16_t>(octets[1] << 8);
  }
  if (const auto purposes = extension<ossl::ExtendedKeyUsage>(x, NID_ext_key_usage, broken)) {
    for (int at = 0; at < sk_ASN1_OBJECT_num(purposes.get()); ++at) {
      ext_key_usages.push_back(dotted(sk_ASN1_OBJECT_value(purposes.get(), at)));
    }
  }
  if (const auto names = extension<ossl::GeneralNames>(x, NID_subject_alt_name, broken)) {
    san_count = sk_GENERAL_NAME_num(names.get());
    for (int at = 0; at < san_count; ++at) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), at);
      if (name->type == GEN_URI) {
        san_uris.emplace_back(as_text(ossl::view(name->d.uniformResourceIdentifier)));
      }
    }
  }
  if (const auto ski = extension<ossl::Asn1String>(x, NID_subject_key_identifier, broken)) {
    subject_key_id = copy(ossl::view(ski.get()));
  }
  if (const auto aki = extension<ossl::AuthorityKeyId>(x, NID_authority_key_identifier, broken)) {
    if (aki->keyid != nullptr) authority_key_id = copy(ossl::view(aki->keyid));
  }
  for (int at = 0; at < X509_get_ext_count(&x); ++at) {
    X509_EXTENSION* each = X509_get_ext(&x, at);
    const bool known = is_known_extension(OBJ_obj2nid(X509_EXTENSION_get_object(each)));
    if (!known && X509_EXTENSION_get_critical(each) != 0) has_unknown_critical = true;
  }
  return broken ? malformed("an extension twice or not readable") : Result<void>{};
}

Result<Certificate> Certificate::from_der(ByteView der) {
  const ossl::ErrorScope errors;
  const auto x = ossl::from_der<ossl::X509Cert, d2i_X509>(der);
  if (x == nullptr) return malformed("not X.509 in DER, or followed by other bytes");
  if (X509_get_version(x.get()) != X509_VERSION_3) return malformed("not version 3");
  const auto algorithm = read_signature_algorithm(*x);
  if (!algorithm) return algorithm.error();
  auto key = PublicKey::from_spki_der(ossl::to_der<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(x.get())));
  if (!key) return key.error();
  auto serial = read_serial(*x);
  if (!serial) return serial.error();

  auto impl = std::make_shared<Impl>(std::move(*serial), std::move(*key));
  impl->der = copy(der);
  impl->tbs = signed_part(impl->der);
  impl->fingerprint = sha256(der);
  impl->signature_algorithm = *algorithm;
  if (auto read = impl->read_signature(*x); !read) return read.error();
  impl->read_subject(*x);
  if (auto read = impl->read_dates(*x); !read) return read.error();
  if (auto read = impl->read_extensions(*x); !read) return read.error();
  if (!is_canonical(*x, der)) return malformed("another encoding than DER");
  return Certificate{std::move(impl)};
}

Result<Certificate> Certificate::from_pem(std::string_view text) {
  const auto blocks = identity::from_pem(text);
  if (!blocks) return blocks.error();
  if (blocks->size() != 1 || blocks->front().label != pem_label) {
    return malformed("one PEM block is expected, labelled CERTIFICATE");
  }
  return from_der(blocks->front().der);
}

std::optional<Uuid> Certificate::urn_uuid() const {
  constexpr std::string_view prefix = "urn:uuid:";
  if (impl_->san_count != 1 || impl_->san_uris.size() != 1) return std::nullopt;
  const std::string_view uri = impl_->san_uris.front();
  if (!uri.starts_with(prefix)) return std::nullopt;
  const auto uuid = Uuid::parse(uri.substr(prefix.size()));
  return uuid ? std::optional{*uuid} : std::nullopt;
}

bool Certificate::signed_by(const PublicKey& issuer) const {
  return issuer.algorithm() == impl_->signature_algorithm &&
         issuer.verify_der(impl_->tbs, impl_->signature);
}

bool Certificate::issued_by(const Certificate& issuer) const {
  const auto& wanted = impl_->authority_key_id;
  const auto& offered = issuer.impl_->subject_key_id;
  return impl_->issuer == issuer.impl_->subject &&
         (wanted.empty() || offered.empty() || wanted == offered) && signed_by(issuer.public_key());
}

std::string Certificate::pem() const { return to_pem(pem_label, impl_->der); }
ByteView Certificate::der() const { return impl_->der; }
ByteView Certificate::tbs_der() const { return impl_->tbs; }
const Sha256& Certificate::fingerprint() const { return impl_->fingerprint; }
const SerialNumber& Certificate::serial() const { return impl_->serial; }
const std::string& Certificate::common_name() const { return impl_->common_name; }
const std::string& Certificate::subject_serial_number() const {
  return impl_->subject_serial_number;
}
const std::string& Certificate::domain_hash() const { return impl_->domain_hash; }
ByteView Certificate::subject_der() const { return impl_->subject; }
ByteView Certificate::issuer_der() const { return impl_->issuer; }
UtcTime Certificate::not_before() const { return impl_->not_before; }
UtcTime Certificate::not_after() const { return impl_->not_after; }
const PublicKey& Certificate::public_key() const { return impl_->public_key; }
Algorithm Certificate::signature_algorithm() const { return impl_->signature_algorithm; }
bool Certificate::has_basic_constraints() const { return impl_->has_basic_constraints; }
bool Certificate::is_ca() const { return impl_->is_ca; }
std::optional<std::uint32_t> Certificate::path_len() const { return impl_->path_len; }
std::uint16_t Certificate::key_usages() const { return impl_->key_usages; }
std::span<const std::string> Certificate::ext_key_usages() const { return impl_->ext_key_usages; }
std::span<const std::string> Certificate::san_uris() const { return impl_->san_uris; }
ByteView Certificate::subject_key_id() const { return impl_->subject_key_id; }
ByteView Certificate::authority_key_id() const { return impl_->authority_key_id; }
bool Certificate::has_unknown_critical() const { return impl_->has_unknown_critical; }

bool operator==(const Certificate& a, const Certificate& b) {
  return a.impl_ == b.impl_ || a.impl_->der == b.impl_->der;
}

}  // namespace smartlic::identity
