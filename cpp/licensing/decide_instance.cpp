// What all requests of an instance share (RULES M9, M10, M13).
#include <utility>

#include "licensing/ledger_codec.hpp"
#include "licensing/request_case.hpp"

namespace smartlic::licensing {
namespace {

std::uint64_t request_no_of(const message::Request& request) {
  return std::visit(
      [](const auto& r) -> std::uint64_t {
        if constexpr (requires { r.request_no; }) return r.request_no;
        return 0;  // register, which never comes here
      },
      request);
}

/// M9: a valid certificate without a record means that the manager was restored from a backup.
InstanceRecord adopt_instance(RequestCase& c) {
  const auto& certificate = *c.opened.id_certificate;
  InstanceRecord record;
  record.instance = *c.opened.instance;
  record.virtual_account = c.facts.default_account;
  record.udi = certificate.subject_serial_number();
  record.registered = certificate.not_before() + identity::id_backdate;
  record.certificate = certificate;
  record.certificate_used = true;
  record.state_unknown = true;
  c.add_event(LedgerEventKind::instance_adopted, record.instance.to_string(),
              record.udi + " has a certificate but no record; taken into " +
                  record.virtual_account + ". Was the ledger restored from a backup?");
  return record;
}

/// M13: the first message under the next certificate ends the one before.
void promote_next(InstanceRecord& record) {
  record.certificate = std::move(record.next_certificate);
  record.next_certificate.reset();
  // A device that registered again may have kept its state or lost it.
  record.state_unknown = record.state_unknown || !record.next_token_id.empty();
  record.token_id = std::exchange(record.next_token_id, {});
  record.certificate_used = true;
}

void adopt_certificate(RequestCase& c, InstanceRecord& record) {
  record.certificate = *c.opened.id_certificate;
  record.certificate_used = true;
  record.next_certificate.reset();
  record.token_id.clear();
  record.next_token_id.clear();
  record.state_unknown = true;
  c.add_event(LedgerEventKind::instance_adopted, record.instance.to_string(),
              "its certificate is newer than the record's. Was the ledger restored from a backup?");
}

/// Which of the instance's certificates speaks. Errors: `certificate_superseded`.
Result<void> judge_certificate(RequestCase& c, InstanceRecord& record) {
  const auto& presented = *c.opened.id_certificate;
  if (presented == record.certificate) {
    record.certificate_used = true;
    return {};
  }
  if (presented == record.next_certificate) {
    promote_next(record);
    return {};
  }
  const auto is_newer = [&](const std::optional<identity::Certificate>& than) {
    return !than || presented.not_before() > than->not_before();
  };
  if (is_newer(record.certificate) && is_newer(record.next_certificate)) {
    adopt_certificate(c, record);
    return {};
  }
  if (!record.superseded_seen) {
    record.superseded_seen = true;
    c.add_event(LedgerEventKind::certificate_superseded, record.instance.to_string(),
                "certificate " + presented.serial().to_string() + " was replaced and still speaks");
  }
  return Error{Errc::certificate_superseded,
               "certificate " + presented.serial().to_string() + " was replaced"};
}

/// M10: not above the highest number decided.
Result<message::Answer> repeat(const RequestCase& c, const InstanceRecord& record) {
  if (c.opened.request_hash != record.request_hash) {  // a lower number has another hash, too
    auto refusal =
        make_refusal({Errc::stale, "the highest number is " + std::to_string(record.request_no)},
                     c.base(), c.policy);
    refusal.highest_request_no = record.request_no;
    return message::Answer{std::move(refusal)};
  }
  auto decision = decode_decision(record.decision);
  if (!decision) return Error{Errc::internal, decision.error().message()};
  std::visit([&](auto& answer) { answer.base = c.base(); }, *decision);
  if (auto* granted = std::get_if<message::AuthorizeAnswer>(&*decision)) {
    granted->expiry = expiry_at(granted->start_date + c.policy.authorization, c.now);
  }
  return decision;
}

Result<message::Answer> decide_kind(RequestCase& c, InstanceRecord& record) {
  const auto& request = *c.opened.request;
  if (const auto* authorize = std::get_if<message::AuthorizeRequest>(&request)) {
    return decide_authorize(c, record, *authorize);
  }
  return std::holds_alternative<message::RenewRequest>(request) ? decide_renew(c, record)
                                                                : decide_deregister(c, record);
}

/// M9: who is not served any more. Errors: `instance_removed`, `certificate_revoked`.
Result<void> check_status(RequestCase& c, const InstanceRecord& record) {
  if (record.status != InstanceStatus::active) {
    return Error{Errc::instance_removed, record.instance.to_string()};
  }
  if (!record.revoked) return {};
  if (!record.usage.empty()) {  // P1: it ends with the refusal
    InstanceRecord released = record;
    release_usage(released);
    c.put(std::move(released));
  }
  return Error{Errc::certificate_revoked, record.instance.to_string()};
}

}  // namespace

Result<message::Answer> decide_instance(RequestCase& c) {
  const auto found = c.facts.instances.find(*c.opened.instance);
  const bool is_known = found != c.facts.instances.end();
  InstanceRecord record = is_known ? found->second : adopt_instance(c);
  const std::uint64_t request_no = request_no_of(*c.opened.request);

  if (record.status == InstanceStatus::deregistered &&
      c.opened.kind == message::Kind::deregister) {  // M13: a repeated one, whatever its number
    return message::Answer{message::DeregisterAnswer{c.base(), record.instance}};
  }
  if (auto served = check_status(c, record); !served) return served.error();
  // Before the certificate is judged: what comes late or twice is not a copy speaking.
  if (request_no <= record.request_no) return repeat(c, record);

  auto judged = judge_certificate(c, record);
  auto answer = judged ? decide_kind(c, record) : Result<message::Answer>{judged.error()};
  if (answer) {
    record.request_no = request_no;
    record.request_hash = c.opened.request_hash;
    record.decision = encode_decision(*answer);
  }
  if (!is_known || record != found->second) c.put(std::move(record));
  return answer;
}

}  // namespace smartlic::licensing
