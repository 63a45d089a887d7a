// The agent: verifying and applying answers (RULES T2, E5-E7, M8-M12).

#include <utility>

#include "licensing/agent.hpp"
#include "message/answer_ladder.hpp"

namespace smartlic::licensing {
namespace {

constexpr Ms export_validity = std::chrono::days{30};  // RULES M12

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;  // clang 16 does not make it up by itself

}  // namespace

Result<void> Agent::handle_answer(ByteView answer, const Now& now) {
  const UtcTime at = enter(now);
  std::vector<message::OpenRequest> open;
  std::vector<rules::Slot> slots;
  for (const auto slot : {rules::Slot::online, rules::Slot::exported}) {
    const auto& details = state_.open[static_cast<std::size_t>(slot)];
    if (!licence_.open(slot) || !details) continue;
    if (slot == rules::Slot::exported && at - details->asked_at >= export_validity) continue;
    open.push_back(details->open);
    slots.push_back(slot);
  }
  Result<void> done = Error{Errc::answer_unmatched, "no request is open"};
  if (!open.empty()) {
    const message::AnswerPins pins{state_.trust->manager, state_.trust->roots,
                                   state_.newest_signing, state_.config.periods.authorization};
    auto verified = message::verify_answer(answer, pins, open, *chains_);
    done =
        verified ? accept(slots[verified->open_index], *verified, answer, now) : verified.error();
  }
  if (!done) {
    const Errc code = done.error().code;
    const bool unmatched = code == Errc::answer_unmatched || code == Errc::binding_wrong;
    ++(unmatched ? state_.counters.answers_unmatched : state_.counters.answers_invalid);
  }
  leave(now, true);
  return done;
}

Result<void> Agent::accept(rules::Slot slot, message::VerifiedAnswer& verified, ByteView raw,
                           const Now& now) {
  const auto& answer = verified.answer;
  const UtcTime believed = clock_.licensing();
  const auto& asked = state_.open[static_cast<std::size_t>(slot)]->asked;
  const UtcTime truth = clock_.corrected(now, message::base_of(answer).time, asked);
  if (auto usable = check_truth(answer, truth); !usable) {
    licence_.ask_again(slot);
    return usable;
  }
  if (truth != believed) {
    licence_.correct(believed, truth, events_);
    clock_.correct(now, truth);
  }
  // The truth may have shown that the certificate has ended, which closed the request: then the
  // grant is late (E7).
  if (!licence_.open(slot)) return Error{Errc::answer_unmatched, "the ID certificate has ended"};

  if (const auto* refusal = std::get_if<message::Refusal>(&answer)) {
    suspect_fork(*refusal, state_.open[static_cast<std::size_t>(slot)]->request_no, truth);
    forget_refused_key(slot, *refusal);
  }
  if (std::holds_alternative<message::AuthorizeAnswer>(answer))
    keep_proof(state_.authorization_proof, slot, raw);
  if (std::holds_alternative<message::RegisterAnswer>(answer) ||
      std::holds_alternative<message::RenewAnswer>(answer)) {
    keep_proof(state_.identity_proof, slot, raw);
  }
  if (!state_.newest_signing || *state_.newest_signing < verified.signing.serial()) {
    state_.newest_signing = verified.signing.serial();
  }
  if (verified.newer_roots) state_.trust->roots = *std::move(verified.newer_roots);
  return apply(slot, answer, truth);
}

// E5 and its like for certificates: what is over already is a freshness error that changes nothing,
// the clock included.
Result<void> Agent::check_truth(const message::Answer& answer, UtcTime truth) const {
  if (const auto* granted = std::get_if<message::AuthorizeAnswer>(&answer)) {
    if (truth >= granted->start_date + state_.config.periods.authorization) {
      return Error{Errc::authorization_over, "its own period has passed"};
    }
  }
  const message::Issued* issued = nullptr;
  if (const auto* registered = std::get_if<message::RegisterAnswer>(&answer))
    issued = &registered->issued;
  if (const auto* renewed = std::get_if<message::RenewAnswer>(&answer)) issued = &renewed->issued;
  if (issued != nullptr && truth >= issued->id_certificate.not_after()) {
    return Error{Errc::certificate_expired, "the new ID certificate is over"};
  }
  return {};
}

Result<void> Agent::apply(rules::Slot slot, const message::Answer& answer, UtcTime now) {
  const auto& periods = state_.config.periods;
  return std::visit(Overloaded{
                        [&](const message::RegisterAnswer& it) {
                          adopt_identity(it.instance, it.issued, it.virtual_account);
                          state_.token.reset();
                          return licence_.handle_registered(
                              slot, certificate_facts(it.issued, periods), now, events_);
                        },
                        [&](const message::AuthorizeAnswer& it) {
                          state_.acked = it.state;
                          const bool out = it.status == message::ComplianceStatus::OutOfCompliance;
                          return licence_.handle_granted(
                              slot, {it.start_date, out, it.retry_interval}, now, events_);
                        },
                        [&](const message::RenewAnswer& it) {
                          adopt_identity(it.instance, it.issued, state_.identity->virtual_account);
                          return licence_.handle_renewed(
                              slot, certificate_facts(it.issued, periods), now, events_);
                        },
                        [&](const message::DeregisterAnswer&) {
                          return licence_.handle_deregistered(slot, now, events_);
                        },
                        [&](const message::Refusal& it) {
                          if (it.highest_request_no)
                            state_.request_no = std::max(state_.request_no, *it.highest_request_no);
                          return licence_.handle_refused(slot, it.code, it.retry_after, now,
                                                         events_);
                        },
                    },
                    answer);
}

void Agent::keep_proof(std::optional<Proof>& into, rules::Slot slot, ByteView raw) {
  const auto& details = *state_.open[static_cast<std::size_t>(slot)];
  into = Proof{details.sealed, Bytes(raw.begin(), raw.end()), *state_.trust};
  if (details.open.kind == message::Kind::authorize)
    state_.answered = entitlements_of(details.sealed);
}

void Agent::adopt_identity(const Uuid& instance, const message::Issued& issued,
                           std::string virtual_account) {
  if (!state_.identity || state_.identity->instance != instance) {
    state_.request_no = 0;
    state_.acked.clear();
    state_.renewal_key.reset();  // the identity's of before
  }
  state_.identity = Identity{instance, issued.id_certificate, issued.signing_certificate,
                             std::move(virtual_account)};
  const auto is_its = [&](const std::optional<StoredKey>& key) {
    return key && key->key.public_key() == issued.id_certificate.public_key();
  };
  // The answers to a renewal sent and exported certify one key: the second finds it in use.
  if (is_its(state_.registration_key)) {
    state_.key = std::exchange(state_.registration_key, {});
  } else if (is_its(state_.renewal_key)) {
    state_.key = std::exchange(state_.renewal_key, {});
  }
}

// Somebody else speaks with our identity, or our own state was taken back to an older one (M11). A
// higher number that is our own was decided while its answer got lost.
void Agent::suspect_fork(const message::Refusal& refusal, std::uint64_t request_no, UtcTime now) {
  const std::uint64_t highest = refusal.highest_request_no.value_or(0);
  const bool number_taken =
      refusal.code == Errc::stale && (highest > state_.request_no || highest == request_no);
  if (number_taken || refusal.code == Errc::clone_refused ||
      refusal.code == Errc::certificate_superseded) {
    events_.push_back({.kind = rules::EventKind::fork_suspected, .at = now, .code = refusal.code});
  }
}

// A key whose certificate was revoked before it came is never registered: another one is tried.
void Agent::forget_refused_key(rules::Slot slot, const message::Refusal& refusal) {
  const bool registering = licence_.open(slot) == rules::RequestKind::registration;
  if (registering && describe(refusal.code).effect == Effect::drop_registration)
    state_.registration_key.reset();
}

}  // namespace smartlic::licensing
