// The envelope and the trust file (RULES M1, M2, M14).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "message/envelope.hpp"
#include "message/trust_file.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using message::Envelope;
using message::RootsUpdate;
using message::TrustFile;

Bytes seal_with(std::string_view type, ByteView payload, const identity::PrivateKey& key,
                std::optional<std::string> kid,
                const std::optional<std::vector<identity::Certificate>>& x5c) {
  if (kid.has_value() == x5c.has_value()) {
    throw_error({Errc::invalid_argument, "either kid or x5c names the signer"});
  }
  message::SignerName signer{std::move(kid).value_or(""), {}};
  if (x5c) {
    for (const auto& certificate : *x5c) signer.x5c.push_back(certificate.der());
  }
  return unwrap(without_gil([&] { return message::seal(type, as_text(payload), key, signer); }))
      .bytes;
}

void register_envelope(py::module_& module) {
  py::class_<Envelope>(module, "Envelope",
                       "A message taken apart (RFC 7515, 7.2.2); nothing in it is verified.")
      .def_readonly("type", &Envelope::type, "The message's name, of `typ`: 'authorize'.")
      .def_readonly("algorithm", &Envelope::algorithm, "`alg`.")
      .def_readonly("kid", &Envelope::kid, "The thumbprint of the signer's key, or None.")
      .def_readonly("x5c", &Envelope::x5c, "Certificates in DER, the signer's first, or None.")
      .def_property_readonly(
          "signing_input", [](const Envelope& it) { return as_bytes(it.signing_input); },
          "What the signature covers (RFC 7515, 5.1).")
      .def_readonly("payload", &Envelope::payload, "JSON, not read.")
      .def_readonly("signature", &Envelope::signature, "As PublicKey.verify takes it.")
      .def_readonly("request_hash", &Envelope::request_hash,
                    "SHA-256 of the signing input: how an answer names its request (M4).")
      .def("__repr__", [](const Envelope& it) {
        return "<Envelope " + it.type + ", " + it.algorithm + ", " +
               std::to_string(it.payload.size()) + " bytes>";
      });
  module.def(
      "parse_envelope",
      [](ByteView message) {
        return unwrap(without_gil([&] { return message::parse_envelope(message); }));
      },
      "message"_a,
      "Takes a message apart, for a look; agent and manager verify by themselves.\n\n"
      "Raises TrustError (message_malformed).");
  module.def("seal", &seal_with, py::kw_only(), "type"_a, "payload"_a, "key"_a,
             "kid"_a = py::none(), "x5c"_a = py::none(),
             "Signs JSON as a message: a flattened JWS with all headers protected (RULES M1).\n\n"
             "type: the message's name. kid: RFC 7638 thumbprint, or else x5c: certificates, the\n"
             "signer's first. Raises InputError unless exactly one of the two is given.");
}

constexpr auto trust_doc =
    R"(What `manager init` writes and an agent pins: the manager's UUID and its roots (RULES M14).)";

void register_trust_file(py::module_& module) {
  py::class_<TrustFile>(module, "TrustFile", trust_doc)
      .def(py::init([](const Uuid& manager, identity::RootSet roots) {
             return TrustFile{manager, std::move(roots)};
           }),
           py::kw_only(), "manager"_a, "roots"_a)
      .def_static(
          "decode",
          [](ByteView content) {
            return unwrap(without_gil([&] { return message::decode_trust_file(content); }));
          },
          "content"_a,
          "Reads a trust file.\n\n"
          "Raises TrustError (message_too_large, message_malformed, version_unsupported,\n"
          "payload_invalid).")
      .def(
          "encode", [](const TrustFile& trust) { return py::bytes(message::encode(trust)); },
          "The file's content: JSON, with a line break at its end.")
      .def_readonly("manager", &TrustFile::manager, "The manager's UUID (RULES M4).")
      .def_readonly("roots", &TrustFile::roots, "Its pinned roots (RULES M2).")
      .def("__eq__", &equal<TrustFile>, "other"_a)
      .def("__hash__",
           [](const TrustFile& trust) { return py::hash(py::bytes(message::encode(trust))); })
      .def("__repr__", [](const TrustFile& trust) {
        return "<TrustFile " + trust.manager.to_string() + ", root set version " +
               std::to_string(trust.roots.version()) + ">";
      });
  py::class_<RootsUpdate>(module, "RootsUpdate",
                          "A newer trust file and the signature by a root held before (RULES M2).")
      .def(py::init([](Bytes trust_file, Bytes signature) {
             return RootsUpdate{std::move(trust_file), std::move(signature)};
           }),
           py::kw_only(), "trust_file"_a, "signature"_a)
      .def_readonly("trust_file", &RootsUpdate::trust_file, "The newer trust file, encoded.")
      .def_readonly("signature", &RootsUpdate::signature, "A detached JWS signature over it.")
      .def("__eq__", &equal<RootsUpdate>, "other"_a)
      .def("__hash__", [](const RootsUpdate& it) { return py::hash(py::cast(it.signature)); });
}

}  // namespace

void register_message(py::module_& module) {
  register_envelope(module);
  register_trust_file(module);
}

}  // namespace smartlic::bindings
