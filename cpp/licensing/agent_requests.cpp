// The agent: making requests (RULES M5, M7, M10, M12, M13).

#include "identity/csr.hpp"
#include "licensing/agent.hpp"
#include "message/sealing.hpp"

namespace smartlic::licensing {
namespace {

constexpr std::size_t nonce_bytes = 16;  // RULES M4

}  // namespace

Result<void> Agent::export_request(const Now& now) {
  const UtcTime at = enter(now);
  const auto& due = licence_.state().due;
  const auto due_at = [&](rules::RequestKind kind) {
    return due[static_cast<std::size_t>(kind)].at;
  };
  std::optional<rules::RequestKind> kind;
  if (!licence_.registered() && due_at(rules::RequestKind::registration) != never) {
    kind = rules::RequestKind::registration;
  } else if (licence_.registered() && due_at(rules::RequestKind::deregistration) != never) {
    kind = rules::RequestKind::deregistration;
  } else if (licence_.state().certificate && due_at(rules::RequestKind::renewal) <= at) {
    kind = rules::RequestKind::renewal;
  } else if (licence_.registered() && licence_.state().requesting) {
    kind = rules::RequestKind::authorization;
  }
  Result<void> done = Error{Errc::command_refused,
                            "cannot export while nothing is asked for; register or request first"};
  if (!licence_.enabled())
    done = Error{Errc::command_refused, "cannot export while smart licensing is disabled"};
  if (kind && licence_.enabled()) done = send(rules::Slot::exported, *kind, now);
  leave(now, done.ok());
  return done;
}

Result<void> Agent::send(rules::Slot slot, rules::RequestKind kind, const Now& now) {
  const UtcTime at = clock_.licensing();
  auto sealed = make_request(kind, at);
  if (!sealed) return sealed.error();
  const bool numbered = kind != rules::RequestKind::registration;
  state_.open[static_cast<std::size_t>(slot)] =
      OpenDetails{sealed->open, sealed->bytes, now, at, numbered ? state_.request_no : 0};
  licence_.opened(slot, kind, at, events_);
  sends_.push_back({slot, kind, std::move(sealed->bytes)});
  return {};
}

Result<message::SealedRequest> Agent::make_request(rules::RequestKind kind, UtcTime at) {
  const message::RequestBase base{state_.trust->manager, entropy_.bytes(nonce_bytes), at};
  if (kind == rules::RequestKind::registration) return make_registration(base);
  // The number is used up even if sealing fails, and is durable before the request leaves (M10).
  const std::uint64_t number = ++state_.request_no;
  const Uuid& instance = state_.identity->instance;
  switch (kind) {
    case rules::RequestKind::renewal: {
      auto csr = make_csr(state_.renewal_key);
      if (!csr) return csr.error();
      return seal_as_instance(message::RenewRequest{base, instance, number, *std::move(csr)});
    }
    case rules::RequestKind::deregistration:
      return seal_as_instance(message::DeregisterRequest{base, instance, number});
    default:
      return seal_as_instance(message::AuthorizeRequest{
          base, instance, number, state_.acked,
          state_.identity->signing_certificate.serial().to_string(), state_.requested});
  }
}

Result<message::SealedRequest> Agent::make_registration(const message::RequestBase& base) {
  auto csr = make_csr(state_.registration_key);
  if (!csr) return csr.error();
  const auto proof =
      message::token_proof(state_.token->secret_hash, *csr, base.nonce, base.manager);
  return message::seal_registration({base, state_.token->id, proof, state_.config.software_tag,
                                     state_.config.udi, *std::move(csr), state_.config.hostname},
                                    state_.registration_key->key);
}

Result<message::SealedRequest> Agent::seal_as_instance(const message::Request& request) const {
  return message::seal_request(request, state_.key->key, state_.identity->id_certificate,
                               state_.identity->signing_certificate);
}

// One fresh key per certificate that is asked for, the same again when the request is repeated
// (M13).
Result<Bytes> Agent::make_csr(std::optional<StoredKey>& pending) {
  if (!pending) {
    auto key = identity::PrivateKey::generate(state_.config.algorithm, state_.config.rsa_bits);
    if (!key) return key.error();
    auto stored = StoredKey::make(*std::move(key), passphrase_, entropy_);
    if (!stored) return stored.error();
    pending = *std::move(stored);
  }
  return identity::create_csr(pending->key, state_.config.udi);
}

}  // namespace smartlic::licensing
