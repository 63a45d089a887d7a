// Certificates, the pinned roots, issuance and verification (RULES M2, M3, M6).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "identity/authority.hpp"
#include "identity/certificate.hpp"
#include "identity/chain.hpp"
#include "identity/roots.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using identity::Certificate;
using identity::PrivateKey;
using identity::PublicKey;
using identity::RootSet;
using identity::Signer;

std::string describe_certificate(const Certificate& certificate) {
  return py::str("<Certificate {!r}, serial {}, {} to {}>")
      .format(certificate.common_name(), certificate.serial().to_string(), certificate.not_before(),
              certificate.not_after())
      .cast<std::string>();
}

void register_certificate(py::module_& module) {
  py::class_<Certificate>(
      module, "Certificate",
      "An X.509 certificate: facts only, read strictly and without a clock. Immutable.")
      .def_static(
          "from_der",
          [](ByteView der) {
            return unwrap(without_gil([&] { return Certificate::from_der(der); }));
          },
          "der"_a, "Raises TrustError (algorithm_refused) for other keys, else InputError.")
      .def_static(
          "from_pem",
          [](const std::string& pem) {
            return unwrap(without_gil([&] { return Certificate::from_pem(pem); }));
          },
          "pem"_a, "Reads the one block of a PEM text. Raises as `from_der`.")
      .def_property_readonly("der", &Certificate::der, "The certificate, DER.")
      .def_property_readonly("tbs_der", &Certificate::tbs_der, "The part that is signed, DER.")
      .def_property_readonly("pem", &Certificate::pem, "The certificate, PEM.")
      .def_property_readonly("fingerprint", &Certificate::fingerprint, "SHA-256 of the DER.")
      .def_property_readonly(
          "serial", [](const Certificate& it) { return it.serial().to_string(); },
          "The serial number in lower-case hexadecimal, two digits an octet.")
      .def_property_readonly("common_name", &Certificate::common_name,
                             "Of the subject; empty if there is not exactly one.")
      .def_property_readonly("subject_serial_number", &Certificate::subject_serial_number,
                             "The UDI in an ID certificate (S14), else empty.")
      .def_property_readonly("domain_hash", &Certificate::domain_hash,
                             "Of the logical account (RULES M6); empty if there is none.")
      .def_property_readonly("not_before", &Certificate::not_before, "Aware, UTC.")
      .def_property_readonly("not_after", &Certificate::not_after,
                             "Aware, UTC: the first instant at which it is not valid (RULES E3).")
      .def("valid_at", &Certificate::valid_at, "time"_a, "not_before <= time < not_after.")
      .def_property_readonly("public_key", &Certificate::public_key, "The subject's key.")
      .def_property_readonly(
          "signature_algorithm",
          [](const Certificate& it) { return to_string(it.signature_algorithm()); },
          "'ES256' or 'RS256': the issuer's.")
      .def_property_readonly("is_ca", &Certificate::is_ca, "Whether it may issue certificates.")
      .def_property_readonly("path_len", &Certificate::path_len,
                             "How many authorities may follow, or None.")
      .def_property_readonly(
          "ext_key_usages",
          [](const Certificate& it) {
            const auto usages = it.ext_key_usages();
            return std::vector<std::string>(usages.begin(), usages.end());
          },
          "Object identifiers, dotted.")
      .def_property_readonly("uuid", &Certificate::urn_uuid,
                             "The instance's or manager's, of the alternative name; or None.")
      .def(
          "issued_by",
          [](const Certificate& it, const Certificate& issuer) {
            return without_gil([&] { return it.issued_by(issuer); });
          },
          "issuer"_a,
          "By names, key identifiers and signature; profile and dates are not looked at.")
      .def("__eq__", &equal<Certificate>, "other"_a)
      .def("__hash__", [](const Certificate& it) { return py::hash(py::cast(it.fingerprint())); })
      .def("__repr__", &describe_certificate);
}

void register_roots(py::module_& module) {
  py::class_<RootSet>(module, "RootSet",
                      "The pinned roots, one to eight, with a version that only rises (RULES M2).")
      .def(py::init([](std::uint64_t version, std::vector<Certificate> roots) {
             return unwrap(without_gil([&] { return RootSet::make(version, std::move(roots)); }));
           }),
           py::kw_only(), "version"_a, "roots"_a, "Raises InputError, naming the root at fault.")
      .def_property_readonly("version", &RootSet::version, "Rises with every root swap.")
      .def_property_readonly(
          "roots",
          [](const RootSet& set) {
            return std::vector<Certificate>(set.roots().begin(), set.roots().end());
          },
          "The certificates.")
      .def("__eq__", &equal<RootSet>, "other"_a)
      .def("__hash__", [](const RootSet& set) { return py::hash(py::cast(set.digest())); })
      .def("__repr__", [](const RootSet& set) {
        return "<RootSet version " + std::to_string(set.version()) + ", " +
               std::to_string(set.roots().size()) + " roots>";
      });
}

void register_authorities(py::module_& module) {
  py::class_<Signer>(module, "Signer", "Who issues: a certificate and its key. Immutable.")
      .def(py::init<Certificate, PrivateKey>(), py::kw_only(), "certificate"_a, "key"_a)
      .def_readonly("certificate", &Signer::certificate, "The certificate.")
      .def_readonly("key", &Signer::key, "Its private key.")
      .def("__repr__", [](const Signer& it) {
        return "<Signer " + describe_certificate(it.certificate) + ">";
      });
  module.def(
      "make_root",
      [](const PrivateKey& key, std::string name, std::string_view serial, UtcTime not_before,
         UtcTime not_after) {
        const identity::RootOrder order{std::move(name), serial_from(serial), not_before,
                                        not_after};
        return unwrap(without_gil([&] { return make_root(key, order); }));
      },
      "key"_a, py::kw_only(), "name"_a, "serial"_a, "not_before"_a, "not_after"_a,
      "A self-signed root (RULES M2). serial: hexadecimal. Times are cut to whole seconds.\n\n"
      "Raises InputError for names and dates that no certificate can carry.");
  module.def(
      "issue_signing",
      [](const Signer& root, PublicKey key, const Uuid& manager, std::string_view serial,
         UtcTime not_before, UtcTime not_after) {
        const identity::SigningOrder order{std::move(key), manager, serial_from(serial), not_before,
                                           not_after};
        return unwrap(without_gil([&] { return issue_signing(root, order); }));
      },
      "root"_a, "key"_a, py::kw_only(), "manager"_a, "serial"_a, "not_before"_a, "not_after"_a,
      "A manager's signing certificate (RULES M3). serial: hexadecimal, higher than those before.\n"
      "\nRaises InputError, also if it would outlive the root.");
}

void register_issuance(py::module_& module) {
  module.def(
      "issue_id",
      [](const Signer& signing, PublicKey key, const Uuid& instance, identity::Udi udi,
         std::string logical_account, std::string_view serial, UtcTime issued_at, Ms lifetime) {
        const identity::IdOrder order{
            std::move(key),      instance,  std::move(udi), std::move(logical_account),
            serial_from(serial), issued_at, lifetime};
        return unwrap(without_gil([&] { return issue_id(signing, order); }));
      },
      "signing"_a, "key"_a, py::kw_only(), "instance"_a, "udi"_a, "logical_account"_a, "serial"_a,
      "issued_at"_a, "lifetime"_a = identity::id_lifetime,
      "A device's ID certificate (S14, RULES M6), valid from an hour before `issued_at`.\n\n"
      "Raises InputError, also if it would outlive the signing certificate.");
  module.def(
      "issue_tls_server",
      [](const Signer& root, PublicKey key, std::vector<std::string> dns_names,
         std::vector<std::string> ip_addresses, std::string_view serial, UtcTime not_before,
         UtcTime not_after) {
        const identity::TlsServerOrder order{
            std::move(key),      std::move(dns_names), std::move(ip_addresses),
            serial_from(serial), not_before,           not_after};
        return unwrap(without_gil([&] { return issue_tls_server(root, order); }));
      },
      "root"_a, "key"_a, py::kw_only(), "dns_names"_a = std::vector<std::string>{},
      "ip_addresses"_a = std::vector<std::string>{}, "serial"_a, "not_before"_a, "not_after"_a,
      "The manager's TLS certificate, by the root: no message can be signed with it (RULES M3).\n\n"
      "Raises InputError for no name at all, and what `issue_signing` does.");
  module.def("account_hash", &identity::account_hash, "logical_account"_a,
             "What an ID certificate carries of the account's name: base32 of SHA-256 (RULES M6).");
}

void register_verification(py::module_& module) {
  module.def(
      "verify_answer_signer",
      [](const Certificate& signing, const RootSet& roots) {
        unwrap(without_gil([&] { return verify_answer_signer(signing, roots); }));
      },
      py::kw_only(), "signing"_a, "roots"_a,
      "Checks that `signing` may sign answers (RULES M3), its dates apart.\n\n"
      "Raises TrustError (chain_untrusted), naming the clause.");
  module.def(
      "verify_request_signer",
      [](const Certificate& leaf, const Certificate& signing, const RootSet& roots) {
        unwrap(without_gil([&] { return verify_request_signer(leaf, signing, roots); }));
      },
      py::kw_only(), "leaf"_a, "signing"_a, "roots"_a,
      "Checks that `leaf` may sign requests (RULES M3), dates apart. Raises as above.");
  module.def(
      "dates_valid_at",
      [](const std::vector<Certificate>& certificates, UtcTime time) {
        unwrap(identity::dates_valid_at(certificates, time));
      },
      "certificates"_a, "time"_a,
      "Checks that all are valid at `time`. Raises TrustError (certificate_expired).");
}

}  // namespace

void register_certificates(py::module_& module) {
  register_certificate(module);
  register_roots(module);
  register_authorities(module);
  register_issuance(module);
  register_verification(module);
}

}  // namespace smartlic::bindings
