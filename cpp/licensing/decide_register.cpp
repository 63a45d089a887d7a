// Registration (RULES M5, M13, P3).
#include "licensing/request_case.hpp"

namespace smartlic::licensing {
namespace {

/// Errors: `token_unknown`, `token_invalid`.
Result<TokenRecord*> find_token(RequestCase& c, const message::RegisterRequest& request) {
  const auto found = c.facts.tokens.find(request.token_id);
  if (found == c.facts.tokens.end()) {
    return Error{Errc::token_unknown, "token '" + request.token_id + "'"};
  }
  const auto proof = message::token_proof(found->second.secret_hash, request.csr_der,
                                          request.base.nonce, c.manager.manager);
  if (!identity::constant_time_equal(proof, request.token_proof)) {
    return Error{Errc::token_invalid, "token '" + request.token_id + "'"};
  }
  return &found->second;
}

/// Whether a token still buys a registration.
Result<void> check_token(const TokenRecord& token, UtcTime now) {
  const std::string detail = "token '" + token.id + "'";
  if (token.revoked) return Error{Errc::token_revoked, detail};
  if (now >= token.expires) return Error{Errc::token_expired, detail};
  if (token.uses >= token.max_uses) return Error{Errc::token_used_up, detail};
  return {};
}

/// M13: the certificate that this token and key got already, if no message under it has come yet.
const identity::Certificate* unanswered(const InstanceRecord& owner, const std::string& thumbprint,
                                        const std::string& token_id) {
  const auto matches = [&](const std::optional<identity::Certificate>& certificate,
                           const std::string& by) {
    return certificate && by == token_id && certificate->public_key().thumbprint() == thumbprint;
  };
  if (matches(owner.next_certificate, owner.next_token_id)) return &*owner.next_certificate;
  if (!owner.certificate_used && matches(owner.certificate, owner.token_id)) {
    return &*owner.certificate;
  }
  return nullptr;
}

message::Answer answer(const RequestCase& c, const InstanceRecord& record,
                       const identity::Certificate& certificate) {
  return message::RegisterAnswer{c.base(), record.instance, c.issued(certificate),
                                 record.virtual_account};
}

/// P3: the same UDI with a new key is another instance; it takes nothing over, but is told. The
/// record is not under this UDI yet.
void report_duplicate(RequestCase& c, const InstanceRecord& record) {
  const auto found = c.facts.instances_by_udi.find(record.udi);
  if (found == c.facts.instances_by_udi.end() || found->second.empty()) return;
  c.add_event(LedgerEventKind::duplicate_udi, record.instance.to_string(),
              record.udi + " is also that of " + found->second.begin()->to_string());
}

/// What the request says about the device, and the token about its account.
void describe_device(InstanceRecord& record, const message::RegisterRequest& request,
                     const TokenRecord& token) {
  record.virtual_account = token.virtual_account;
  record.udi = request.udi.to_string();
  record.software_tag = request.software_tag;
  record.hostname = request.hostname.value_or("");
}

Result<message::Answer> register_new(RequestCase& c, const message::RegisterRequest& request,
                                     TokenRecord& token) {
  InstanceRecord record;
  record.instance = c.entropy.uuid();
  record.registered = c.now;
  record.token_id = token.id;
  describe_device(record, request, token);
  auto certificate = c.issue(record.instance, request.udi, c.opened.csr->public_key());
  if (!certificate) return certificate.error();
  record.certificate = *certificate;
  report_duplicate(c, record);
  c.add_event(LedgerEventKind::registered, record.instance.to_string(),
              record.udi + " with token " + token.id + " into " + record.virtual_account);
  c.spend(token);
  c.put(record);
  return answer(c, record, *certificate);
}

/// P3: the same key is the same instance. Its old certificate stays valid until the first message
/// under the new one (M13).
Result<message::Answer> register_again(RequestCase& c, const message::RegisterRequest& request,
                                       TokenRecord& token, InstanceRecord record) {
  const bool moved = record.udi != request.udi.to_string();
  describe_device(record, request, token);
  auto certificate = c.issue(record.instance, request.udi, c.opened.csr->public_key());
  if (!certificate) return certificate.error();
  record.next_certificate = *certificate;
  record.next_token_id = token.id;
  if (moved) report_duplicate(c, record);
  c.add_event(LedgerEventKind::registered, record.instance.to_string(),
              record.udi + " again, with token " + token.id + " into " + record.virtual_account);
  c.spend(token);
  c.put(record);
  return answer(c, record, *certificate);
}

/// M13 across a change of the signing certificate: the one issued then can no longer be answered
/// with, so another takes its place beside it, and nothing is spent.
Result<message::Answer> reissue(RequestCase& c, const message::RegisterRequest& request,
                                InstanceRecord record) {
  auto certificate = c.issue(record.instance, request.udi, c.opened.csr->public_key());
  if (!certificate) return certificate.error();
  record.next_certificate = *certificate;
  record.next_token_id = request.token_id;
  c.put(record);
  return answer(c, record, *certificate);
}

}  // namespace

Result<message::Answer> decide_register(RequestCase& c, const message::RegisterRequest& request) {
  const auto token = find_token(c, request);
  if (!token) return token.error();
  const InstanceRecord* owner = c.find_by_key(c.opened.key_thumbprint);
  if (owner != nullptr && owner->revoked) {
    return Error{Errc::certificate_revoked, "its key cannot be registered again; use a new one"};
  }
  if (owner != nullptr) {
    if (const auto* issued = unanswered(*owner, c.opened.key_thumbprint, request.token_id)) {
      if (c.is_issuer_of(*issued)) return answer(c, *owner, *issued);
      return reissue(c, request, *owner);
    }
  }
  if (auto usable = check_token(**token, c.now); !usable) return usable.error();
  return owner != nullptr ? register_again(c, request, **token, *owner)
                          : register_new(c, request, **token);
}

}  // namespace smartlic::licensing
