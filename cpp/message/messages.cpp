#include "message/messages.hpp"

namespace smartlic::message {

std::string_view to_string(ComplianceStatus status) {
  return status == ComplianceStatus::InCompliance ? "InCompliance" : "OutOfCompliance";
}

Kind kind_of(const Request& request) { return static_cast<Kind>(request.index()); }

std::optional<Kind> kind_of(const Answer& answer) {
  if (std::holds_alternative<Refusal>(answer)) return std::nullopt;
  return static_cast<Kind>(answer.index());
}

const RequestBase& base_of(const Request& request) {
  return std::visit([](const auto& r) -> const RequestBase& { return r.base; }, request);
}

const AnswerBase& base_of(const Answer& answer) {
  return std::visit([](const auto& a) -> const AnswerBase& { return a.base; }, answer);
}

std::optional<Uuid> instance_of(const Request& request) {
  return std::visit(
      [](const auto& r) -> std::optional<Uuid> {
        if constexpr (requires { r.instance; }) return r.instance;
        return std::nullopt;
      },
      request);
}

std::optional<Uuid> instance_of(const Answer& answer) {
  return std::visit(
      [](const auto& a) -> std::optional<Uuid> {
        if constexpr (requires { a.instance; }) return a.instance;
        return std::nullopt;
      },
      answer);
}

identity::Sha256 token_proof(const identity::Sha256& secret_hash, ByteView csr_der, ByteView nonce,
                             const Uuid& manager) {
  // Parts of fixed length stand first and last, so no two triples give the same text.
  const identity::Sha256 csr_hash = identity::sha256(csr_der);
  Bytes text{csr_hash.begin(), csr_hash.end()};
  text.insert(text.end(), nonce.begin(), nonce.end());
  text.insert(text.end(), manager.bytes.begin(), manager.bytes.end());
  return identity::hmac_sha256(secret_hash, text);
}

}  // namespace smartlic::message
