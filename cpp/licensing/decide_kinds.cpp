// The decisions on each kind of an instance's request (RULES M7, M11, M13, P1, P2).
#include <algorithm>

#include "licensing/continuity.hpp"
#include "licensing/ledger_codec.hpp"
#include "licensing/request_case.hpp"
#include "rules/pool.hpp"

namespace smartlic::licensing {
namespace {

using message::ComplianceStatus;

/// M11. Errors: `clone_refused`, if copies are not served.
Result<void> judge_continuity(RequestCase& c, InstanceRecord& record, const std::string& acked) {
  const std::string subject = record.instance.to_string();
  const auto continuity = follow_state(record, acked, c.manager.state_key);
  if (continuity == Continuity::adopted) {
    c.add_event(LedgerEventKind::state_adopted, subject,
                "it names a state newer than the ledger's. Was that restored from a backup?");
  }
  if (continuity == Continuity::forked && !record.fork_suspected) {
    record.fork_suspected = true;
    c.add_event(LedgerEventKind::fork_suspected, subject,
                "it goes on from an older answer: a clone or a restored snapshot");
  }
  // Which of the two is the copy nobody can tell, so neither is served until somebody has looked.
  if (!record.fork_suspected || !(c.policy.refuse_forks || record.refuse_forks)) return {};
  return Error{Errc::clone_refused, "two devices speak as this instance"};
}

/// M9: a tag that is blocked or that nobody knows. Errors: `entitlement_denied`.
Result<void> check_tags(RequestCase& c, const InstanceRecord& record,
                        const message::AuthorizeRequest& request) {
  for (const auto& each : request.entitlements) {
    const bool known = c.facts.known_tags.contains(each.tag);
    if (known && !c.facts.pools[{record.virtual_account, each.tag}].blocked) continue;
    return Error{Errc::entitlement_denied,
                 each.tag + (known ? " is blocked" : " is not in the catalogue")};
  }
  return {};
}

/// P2 for one tag: what the others use, and what is asked for now in place of what was.
ComplianceStatus status_of(RequestCase& c, const InstanceRecord& record,
                           const message::EntitlementRequest& wanted) {
  const auto& pool = c.facts.pools[{record.virtual_account, wanted.tag}];
  const std::int64_t others = pool.in_use - usage_at(record, wanted.tag, c.now);
  return rules::in_compliance(others + wanted.count, pool.purchased)
             ? ComplianceStatus::InCompliance
             : ComplianceStatus::OutOfCompliance;
}

message::AuthorizeAnswer grant(RequestCase& c, InstanceRecord& record,
                               const message::AuthorizeRequest& request) {
  message::AuthorizeAnswer out;
  out.base = c.base();
  out.instance = record.instance;
  out.start_date = c.now;
  std::vector<TagUsage> usage;
  for (const auto& each : request.entitlements) {
    out.tags.push_back({each.tag, status_of(c, record, each)});
    out.status = std::max(out.status, out.tags.back().status);
    usage.push_back({each.tag, each.count});
  }
  const bool is_out = out.status == ComplianceStatus::OutOfCompliance;
  out.expiry = expiry_at(c.now + c.policy.authorization, c.now);
  out.retry_interval = is_out ? c.policy.retry_out_of_compliance : c.policy.retry_in_compliance;
  out.state = make_state(c.manager.state_key, record.instance, request.request_no, c.entropy);
  add_issued_state(record, out.state);
  record.usage = std::move(usage);
  record.authorization_end = c.now + c.policy.authorization;
  record.usage_until = std::min(record.authorization_end, record.certificate->not_after());
  record.out_of_compliance = is_out;
  return out;
}

/// A refused device goes on asking (M9), so the same refusal again is not another event (P4).
bool is_repeated(const InstanceRecord& record, const message::Refusal& refusal) {
  const auto last = decode_decision(record.decision);
  const auto* before = last ? std::get_if<message::Refusal>(&*last) : nullptr;
  return before != nullptr && before->code == refusal.code && before->text == refusal.text;
}

/// A dropping refusal is a decision: the usage ends with it (P1).
message::Refusal deny(RequestCase& c, InstanceRecord& record, const Error& why) {
  auto refusal = make_refusal(why, c.base(), c.policy);
  const auto kind = why.code == Errc::clone_refused ? LedgerEventKind::copy_refused
                                                    : LedgerEventKind::entitlement_denied;
  if (!is_repeated(record, refusal)) c.add_event(kind, record.instance.to_string(), why.detail);
  release_usage(record);
  return refusal;
}

/// E7: the same key signs, and no newer certificate exists. Errors: `renewal_refused`.
Result<void> check_late_renewal(RequestCase& c, const InstanceRecord& record) {
  if (record.next_certificate) {
    return Error{Errc::renewal_refused, "a newer certificate was issued"};
  }
  c.add_event(LedgerEventKind::late_renewal, record.instance.to_string(),
              "its certificate had ended; this manager allows it");
  return {};
}

message::Answer renewed(const RequestCase& c, const InstanceRecord& record) {
  return message::RenewAnswer{c.base(), record.instance, c.issued(*record.next_certificate)};
}

}  // namespace

Result<message::Answer> decide_authorize(RequestCase& c, InstanceRecord& record,
                                         const message::AuthorizeRequest& request) {
  auto allowed = judge_continuity(c, record, request.acked);
  if (allowed) allowed = check_tags(c, record, request);
  return allowed ? message::Answer{grant(c, record, request)}
                 : message::Answer{deny(c, record, allowed.error())};
}

Result<message::Answer> decide_renew(RequestCase& c, InstanceRecord& record) {
  const auto& key = c.opened.csr->public_key();
  const auto& next = record.next_certificate;
  if (next && next->public_key() == key && c.is_issuer_of(*next)) return renewed(c, record);  // M13
  const InstanceRecord* owner = c.find_by_key(key.thumbprint());
  if (owner != nullptr && owner->instance != record.instance) {
    return Error{Errc::payload_invalid, "the CSR's key is another instance's"};
  }
  if (c.now >= record.certificate->not_after()) {
    if (auto allowed = check_late_renewal(c, record); !allowed) return allowed.error();
  }
  auto certificate = c.issue(record.instance, c.opened.csr->udi(), key);
  if (!certificate) return certificate.error();
  record.next_certificate = *certificate;
  record.next_token_id.clear();
  // E2, P1: the bound moves by a renewal in time; a late one finds the usage ended, and so it
  // stays.
  if (c.now < record.usage_until) {
    record.usage_until = std::min(record.authorization_end, certificate->not_after());
  }
  return renewed(c, record);
}

Result<message::Answer> decide_deregister(RequestCase& c, InstanceRecord& record) {
  record.status = InstanceStatus::deregistered;
  release_usage(record);
  c.add_event(LedgerEventKind::deregistered, record.instance.to_string(),
              record.udi + " gave its registration back");
  return message::Answer{message::DeregisterAnswer{c.base(), record.instance}};
}

}  // namespace smartlic::licensing
