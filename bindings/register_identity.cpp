// Keys, certificate requests, names and entropy (RULES M1, M6).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "identity/csr.hpp"
#include "identity/encoding.hpp"
#include "identity/entropy.hpp"
#include "identity/keys.hpp"
#include "identity/tag.hpp"
#include "identity/udi.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using identity::Csr;
using identity::EntitlementTag;
using identity::Entropy;
using identity::PrivateKey;
using identity::PublicKey;
using identity::Udi;

constexpr auto entropy_doc =
    R"(Random-looking bytes from a seed of 32 (DESIGN 3): the same seed gives the same bytes for ever.

For nonces, serial numbers, UUIDs and tokens; keys and signatures draw on OpenSSL's own randomness.
Give every owner a seed of its own: `smartlic._gate.entropy(32)`, or `seed()` of another.)";

void register_entropy(py::module_& module) {
  py::class_<Entropy>(module, "Entropy", entropy_doc)
      .def(py::init<const Entropy::Seed&>(), "seed"_a)
      .def("draw", &Entropy::bytes, "count"_a, "The next `count` bytes.")
      .def("uuid", &Entropy::uuid, "A version 4 UUID.")
      .def("seed", &Entropy::seed, "32 bytes, to seed another owner with.")
      .def(
          "serial_number",
          [](Entropy& entropy) { return identity::SerialNumber::random(entropy).to_string(); },
          "A serial number for a certificate, in hexadecimal: 16 octets.");
}

void register_udi(py::module_& module) {
  py::class_<Udi>(module, "Udi",
                  "Which piece of product this is: product ID and serial number (S12, F2).")
      .def(py::init([](std::string product_id, std::string serial) {
             return unwrap(Udi::make(std::move(product_id), std::move(serial)));
           }),
           "product_id"_a, "serial"_a,
           "Raises InputError for what a certificate's PrintableString cannot hold (RULES M6).")
      .def_static(
          "parse", [](std::string_view text) { return unwrap(Udi::parse(text)); }, "text"_a,
          "Reads `PID:<PID>,SN:<SN>`, with or without the comma (S14). Raises InputError.")
      .def_readonly("product_id", &Udi::product_id, "The product ID.")
      .def_readonly("serial", &Udi::serial, "The serial number.")
      .def("__eq__", &equal<Udi>, "other"_a)
      .def("__hash__", [](const Udi& udi) { return py::hash(py::str(udi.to_string())); })
      .def("__str__", &Udi::to_string)
      .def("__repr__", [](const Udi& udi) { return "<Udi " + udi.to_string() + ">"; });
  module.def("random_serial", &identity::random_serial, "entropy"_a,
             "The 11-character serial number that a product without one makes up (S12).");
}

void register_tag(py::module_& module) {
  py::class_<EntitlementTag>(
      module, "EntitlementTag",
      "An entitlement tag or software ID tag, taken apart (F5): regid.<year>-<month>.<domain>."
      "<feature>,<version>_<uuid>.")
      .def_static(
          "parse", [](std::string_view text) { return unwrap(EntitlementTag::parse(text)); },
          "text"_a, "Reads the one canonical spelling. Raises InputError, naming the part.")
      .def_readonly("year", &EntitlementTag::year, "Of the domain's registration.")
      .def_readonly("month", &EntitlementTag::month, "Of the domain's registration, 1 to 12.")
      .def_readonly("domain", &EntitlementTag::domain, "Reversed: `com.cisco`.")
      .def_readonly("feature", &EntitlementTag::feature, "What is licensed: `CUSP-5`.")
      .def_readonly("version", &EntitlementTag::version, "`1.0`.")
      .def_readonly("uuid", &EntitlementTag::uuid, "The tag's own UUID.")
      .def("__eq__", &equal<EntitlementTag>, "other"_a)
      .def("__hash__", [](const EntitlementTag& tag) { return py::hash(py::str(tag.to_string())); })
      .def("__str__", &EntitlementTag::to_string)
      .def("__repr__",
           [](const EntitlementTag& tag) { return "<EntitlementTag " + tag.to_string() + ">"; });
}

void register_public_key(py::module_& module) {
  py::class_<PublicKey>(module, "PublicKey",
                        "A P-256 key, or an RSA key of 2048 to 4096 bits (RULES M1). Immutable.")
      .def_static(
          "from_spki_der",
          [](ByteView der) {
            return unwrap(without_gil([&] { return PublicKey::from_spki_der(der); }));
          },
          "der"_a,
          "Reads a SubjectPublicKeyInfo (RFC 5280, 4.1).\n\n"
          "Raises TrustError (algorithm_refused) for another kind of key, InputError for none.")
      .def(
          "verify",
          [](const PublicKey& key, ByteView data, ByteView signature) {
            return without_gil([&] { return key.verify(data, signature); });
          },
          py::kw_only(), "data"_a, "signature"_a,
          "Whether this is the key's JWS signature of `data`: ES256 is r || s in 64 bytes\n"
          "(RFC 7518, 3.4).")
      .def_property_readonly(
          "algorithm", [](const PublicKey& key) { return to_string(key.algorithm()); },
          "'ES256' or 'RS256'.")
      .def_property_readonly("thumbprint", &PublicKey::thumbprint,
                             "RFC 7638 with SHA-256, base64url: a registration's `kid`.")
      .def_property_readonly("spki_der", &PublicKey::spki_der, "SubjectPublicKeyInfo, DER.")
      .def("__eq__", &equal<PublicKey>, "other"_a)
      .def("__hash__", [](const PublicKey& key) { return py::hash(py::str(key.thumbprint())); })
      .def("__repr__", [](const PublicKey& key) {
        return "<PublicKey " + std::string{to_string(key.algorithm())} + " " + key.thumbprint() +
               ">";
      });
}

std::string key_to_pem(const PrivateKey& key, const std::optional<std::string>& passphrase,
                       const std::optional<PrivateKey::SaltAndIv>& entropy) {
  if (!passphrase && !entropy) return key.to_pem();
  if (!passphrase || !entropy) {
    throw_error({Errc::invalid_argument, "passphrase and entropy come together"});
  }
  return unwrap(without_gil([&] { return key.to_pem(*passphrase, *entropy); }));
}

constexpr auto key_doc = R"(A key pair that signs messages, requests and certificates. Immutable.

`generate` and `sign` draw on OpenSSL's own randomness; nothing else does.)";

void register_private_key(py::module_& module) {
  py::class_<PrivateKey>(module, "PrivateKey", key_doc)
      .def_static(
          "generate",
          [](std::string_view algorithm, unsigned rsa_bits) {
            const auto wanted = algorithm_from(algorithm);
            return unwrap(without_gil([&] { return PrivateKey::generate(wanted, rsa_bits); }));
          },
          "algorithm"_a = "ES256", py::kw_only(), "rsa_bits"_a = 2048,
          "Makes a key for 'ES256' (P-256), or 'RS256' with `rsa_bits` from 2048 to 4096.\n\n"
          "Raises InputError for another algorithm, TrustError (algorithm_refused) for another "
          "size.")
      .def_static(
          "from_pem",
          [](const std::string& pem, const std::string& passphrase) {
            return unwrap(without_gil([&] { return PrivateKey::from_pem(pem, passphrase); }));
          },
          "pem"_a, "passphrase"_a = "",
          "Reads PKCS #8, in clear or encrypted (PBES2).\n\n"
          "Raises InputError (passphrase_wrong, also if one is needed; invalid_argument),\n"
          "TrustError (algorithm_refused).")
      .def("to_pem", &key_to_pem, py::kw_only(), "passphrase"_a = py::none(),
           "entropy"_a = py::none(),
           "PKCS #8: in clear, or encrypted under a passphrase with 32 bytes of entropy, which\n"
           "become salt and IV and are never used twice (PBKDF2 with 600,000 rounds, AES-256).\n\n"
           "Raises InputError for one without the other, and for an empty passphrase.")
      .def(
          "sign",
          [](const PrivateKey& key, ByteView data) {
            return unwrap(without_gil([&] { return key.sign(data); }));
          },
          "data"_a, "A signature as JWS has it (RFC 7518); see PublicKey.verify.")
      .def_property_readonly("public_key", &PrivateKey::public_key, "The half that verifies.")
      .def_property_readonly(
          "algorithm", [](const PrivateKey& key) { return to_string(key.algorithm()); },
          "'ES256' or 'RS256'.")
      .def("__repr__", [](const PrivateKey& key) {
        return "<PrivateKey " + std::string{to_string(key.algorithm())} + " " +
               key.public_key().thumbprint() + ">";
      });
}

void register_csr(py::module_& module) {
  py::class_<Csr>(module, "Csr",
                  "A certificate signing request (PKCS #10) whose own signature holds. Immutable.")
      .def_static(
          "from_der",
          [](ByteView der) { return unwrap(without_gil([&] { return Csr::from_der(der); })); },
          "der"_a,
          "Reads and verifies one request.\n\n"
          "Raises TrustError (signature_invalid, algorithm_refused), InputError.")
      .def_property_readonly("der", &Csr::der, "The request, DER.")
      .def_property_readonly(
          "pem", [](const Csr& csr) { return identity::to_pem("CERTIFICATE REQUEST", csr.der()); },
          "The request, PEM.")
      .def_property_readonly("public_key", &Csr::public_key, "The key to be certified.")
      .def_property_readonly("udi", &Csr::udi, "The subject.")
      .def("__repr__", [](const Csr& csr) { return "<Csr " + csr.udi().to_string() + ">"; });
  module.def(
      "create_csr",
      [](const PrivateKey& key, const Udi& udi) {
        return unwrap(without_gil([&]() -> Result<Csr> {
          const auto der = create_csr(key, udi);
          return der ? Csr::from_der(*der) : Result<Csr>{der.error()};
        }));
      },
      py::kw_only(), "key"_a, "udi"_a,
      "Asks for a certificate of this key; the subject is the UDI, the rest is the manager's to "
      "say.");
}

}  // namespace

void register_identity(py::module_& module) {
  register_entropy(module);
  register_udi(module);
  register_tag(module);
  register_public_key(module);
  register_private_key(module);
  register_csr(module);
}

}  // namespace smartlic::bindings
