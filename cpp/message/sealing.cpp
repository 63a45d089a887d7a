#include "message/sealing.hpp"

#include <algorithm>

#include "identity/csr.hpp"
#include "message/codec.hpp"
#include "message/envelope_rungs.hpp"

namespace smartlic::message {
namespace {

/// The thumbprint of the CSR's key, which the certificate in the answer has to have; empty if the
/// request has no CSR.
Result<std::string> csr_thumbprint(const Request& request) {
  const Bytes* der = nullptr;
  if (const auto* registration = std::get_if<RegisterRequest>(&request)) {
    der = &registration->csr_der;
  } else if (const auto* renewal = std::get_if<RenewRequest>(&request)) {
    der = &renewal->csr_der;
  }
  if (der == nullptr) return std::string{};
  const auto csr = identity::Csr::from_der(*der);
  if (!csr) return Error{Errc::invalid_argument, "the CSR: " + csr.error().message()};
  return csr->public_key().thumbprint();
}

Result<OpenRequest> open_for(const Request& request, const identity::Sha256& request_hash) {
  auto thumbprint = csr_thumbprint(request);
  if (!thumbprint) return thumbprint.error();
  return OpenRequest{.kind = kind_of(request),
                     .nonce = base_of(request).nonce,
                     .request_hash = request_hash,
                     .instance = instance_of(request),
                     .key_thumbprint = *std::move(thumbprint)};
}

Result<SealedRequest> seal_as(const Request& request, const identity::PrivateKey& key,
                              const SignerName& signer) {
  auto sealed = seal(to_string(kind_of(request)), dump(encode(request)), key, signer);
  if (!sealed) return sealed.error();
  auto open = open_for(request, sealed->request_hash);
  if (!open) return open.error();
  return SealedRequest{std::move(sealed->bytes), *std::move(open)};
}

}  // namespace

Result<SealedRequest> seal_registration(const RegisterRequest& request,
                                        const identity::PrivateKey& key) {
  const std::string& thumbprint = key.public_key().thumbprint();
  auto sealed = seal_as(request, key, {.kid = thumbprint});
  if (sealed && sealed->open.key_thumbprint != thumbprint) {
    return Error{Errc::invalid_argument, "the CSR is for another key"};
  }
  return sealed;
}

Result<SealedRequest> seal_request(const Request& request, const identity::PrivateKey& key,
                                   const identity::Certificate& id_certificate,
                                   const identity::Certificate& signing_certificate) {
  if (kind_of(request) == Kind::register_instance) {
    return Error{Errc::invalid_argument, "a registration is signed by the CSR's key"};
  }
  return seal_as(request, key, {.x5c = {id_certificate.der(), signing_certificate.der()}});
}

Result<OpenRequest> recall_open_request(ByteView sealed) {
  const auto envelope = parse_envelope(sealed);
  if (!envelope) return envelope.error();
  const auto type = std::ranges::find(request_types, envelope->type);
  if (type == request_types.end()) return Error{Errc::message_malformed, "not a request"};
  const auto request =
      decode_request(static_cast<Kind>(type - request_types.begin()), read_payload(*envelope));
  if (!request) return request.error();
  return open_for(*request, envelope->request_hash);
}

Result<Bytes> seal_answer(const Answer& answer, const identity::PrivateKey& key,
                          const identity::Certificate& signing_certificate) {
  auto sealed = seal(answer_types[answer.index()], dump(encode(answer)), key,
                     {.x5c = {signing_certificate.der()}});
  if (!sealed) return sealed.error();
  return std::move(sealed->bytes);
}

}  // namespace smartlic::message
