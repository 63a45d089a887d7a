#include "licensing/request_case.hpp"

#include <algorithm>

#include "licensing/event_chain.hpp"

namespace smartlic::licensing {
namespace {

void count_usage(Facts& facts, const InstanceRecord& record, UtcTime now, std::int64_t sign) {
  for (const auto& each : record.usage) {
    // A pool that no request of the batch asks about is not among the facts, and not needed.
    const auto pool = facts.pools.find({record.virtual_account, each.tag});
    if (pool != facts.pools.end()) pool->second.in_use += sign * usage_at(record, each.tag, now);
  }
}

void forget(Facts& facts, const InstanceRecord& record, UtcTime now) {
  count_usage(facts, record, now, -1);
  for (const auto* certificate : {&record.certificate, &record.next_certificate}) {
    if (!*certificate) continue;
    const auto key = facts.instances_by_key.find((*certificate)->public_key().thumbprint());
    if (key != facts.instances_by_key.end() && key->second == record.instance) {
      facts.instances_by_key.erase(key);
    }
  }
  if (const auto found = facts.instances_by_udi.find(record.udi);
      found != facts.instances_by_udi.end()) {
    found->second.erase(record.instance);
  }
}

void remember(Facts& facts, const InstanceRecord& record, UtcTime now) {
  if (record.status != InstanceStatus::active) return;
  count_usage(facts, record, now, 1);
  for (const auto* certificate : {&record.certificate, &record.next_certificate}) {
    if (*certificate) {
      facts.instances_by_key.insert_or_assign((*certificate)->public_key().thumbprint(),
                                              record.instance);
    }
  }
  facts.instances_by_udi[record.udi].insert(record.instance);
}

}  // namespace

message::AnswerBase RequestCase::base() const {
  return {.manager = manager.manager,
          .nonce = opened.nonce,
          .request_hash = opened.request_hash,
          .time = now,
          .roots = manager.roots_update};
}

Result<identity::Certificate> RequestCase::issue(const Uuid& instance, const identity::Udi& udi,
                                                 const identity::PublicKey& key) {
  auto issued =
      identity::issue_id(manager.signing, {.key = key,
                                           .instance = instance,
                                           .udi = udi,
                                           .logical_account = manager.logical_account,
                                           .serial = identity::SerialNumber::random(entropy),
                                           .issued_at = now,
                                           .lifetime = policy.certificate});
  if (!issued) return Error{Errc::internal, issued.error().message()};
  return issued;
}

bool RequestCase::is_issuer_of(const identity::Certificate& certificate) const {
  return certificate.signed_by(manager.signing.certificate.public_key());
}

message::Issued RequestCase::issued(const identity::Certificate& certificate) const {
  return {certificate, manager.signing.certificate, policy.renew_interval};
}

const InstanceRecord* RequestCase::find_by_key(const std::string& thumbprint) const {
  const auto key = facts.instances_by_key.find(thumbprint);
  if (key == facts.instances_by_key.end()) return nullptr;
  const auto record = facts.instances.find(key->second);
  return record == facts.instances.end() ? nullptr : &record->second;
}

void RequestCase::put(InstanceRecord record) {
  const auto before = facts.instances.find(record.instance);
  if (before != facts.instances.end()) forget(facts, before->second, now);
  const std::uint64_t expected_revision = record.revision++;
  record.last_seen = now;
  remember(facts, record, now);
  verdict.changes.emplace_back(PutInstance{record, expected_revision});
  facts.instances.insert_or_assign(record.instance, std::move(record));
}

void RequestCase::spend(TokenRecord& token) {
  verdict.changes.emplace_back(SpendToken{token.id, token.uses});
  ++token.uses;
}

void RequestCase::add_event(LedgerEventKind kind, std::string subject, std::string text) {
  verdict.changes.emplace_back(
      AppendEvent{append(facts.head, now, kind, std::move(subject), std::move(text))});
}

message::Refusal make_refusal(const Error& error, message::AnswerBase base,
                              const ManagerPolicy& policy) {
  const auto effect = describe(error.code).effect;
  message::Refusal out{.base = std::move(base),
                       .code = effect ? error.code : Errc::internal,
                       .text = {},
                       .retry_after = {},
                       .highest_request_no = {}};
  out.text = Error{out.code, error.detail}.message();
  // The device goes on asking (M9), as one that is out of compliance does.
  if (effect == Effect::drop_authorization) out.retry_after = policy.retry_out_of_compliance;
  return out;
}

void release_usage(InstanceRecord& record) {
  record.usage.clear();
  record.usage_until = {};
  record.authorization_end = {};
  record.out_of_compliance = false;
}

std::chrono::seconds expiry_at(UtcTime end, UtcTime now) {
  return std::chrono::floor<std::chrono::seconds>(std::max(end - now, Ms{0}));
}

}  // namespace smartlic::licensing
