// The licence: what answers, refusals and silence do (RULES E2, E5-E9, M9, M10).

#include "rules/licence.hpp"

namespace smartlic::rules {

namespace {

Error unmatched(RequestKind kind) {
  return {Errc::answer_unmatched, "no " + std::string{to_string(kind)} + " request is open"};
}

}  // namespace

Result<void> Licence::answered(Slot slot, RequestKind kind, Events& events) {
  if (at(slot).kind != kind) return unmatched(kind);
  at(slot) = {};
  if (slot == Slot::online)
    at(Slot::exported) = {};  // decided online in between: the file is void (M12)
  if (state_.communication_lost) emit(EventKind::communication_restored, events);
  state_.communication_lost = false;
  return {};
}

// What the answer brings has ended already: it changes nothing, the slot stays open (M8), and it is
// asked again (E5).
Error Licence::over(Slot slot, RequestKind kind, Errc code, std::string_view detail) {
  if (at(slot).kind != kind) return unmatched(kind);
  ask_again(slot);
  return {code, std::string{detail}};
}

void Licence::install(const CertificateFacts& certificate) {
  state_.certificate = certificate;
  due(RequestKind::registration) = {};  // a late renewal makes it needless too
  due(RequestKind::renewal).schedule(certificate.renew_at);
  if (state_.requesting) due(RequestKind::authorization).schedule(time());
  next_ = find_next_deadline();
}

Result<void> Licence::handle_registered(Slot slot, const CertificateFacts& certificate, UtcTime now,
                                        Events& events) {
  run_deadlines(now, events);
  if (time() >= certificate.not_after) {
    return over(slot, RequestKind::registration, Errc::certificate_expired,
                "the new ID certificate has ended");
  }
  if (auto ok = answered(slot, RequestKind::registration, events); !ok) return ok;
  for (auto& each : state_.slots) each = {};  // what was open belonged to the identity of before
  install(certificate);
  emit(EventKind::registered, events);
  return {};
}

Result<void> Licence::handle_granted(Slot slot, const Grant& grant, UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (!registered()) return Error{Errc::answer_unmatched, "no ID certificate is held (E7)"};
  if (time() >= grant.start_date + periods_.authorization) {
    return over(slot, RequestKind::authorization, Errc::authorization_over,
                "its own period has passed (E5)");
  }
  if (auto ok = answered(slot, RequestKind::authorization, events); !ok) return ok;
  state_.facts.authorization = {grant.start_date, state_.certificate->not_after,
                                grant.out_of_compliance};
  const Ms interval = jittered(ask_interval(periods_, grant.retry_interval));
  // A request that changed while its predecessor was open has not been answered yet (E9).
  due(RequestKind::authorization).schedule(state_.request_changed ? time() : time() + interval);
  const std::size_t told = events.size();
  emit(EventKind::authorized, events);
  record(Cause::granted, events);
  events[told].after = mode();  // what it brought; the change itself is told after it
  return {};
}

Result<void> Licence::handle_renewed(Slot slot, const CertificateFacts& certificate, UtcTime now,
                                     Events& events) {
  run_deadlines(now, events);
  if (time() >= certificate.not_after) {
    return over(slot, RequestKind::renewal, Errc::certificate_expired,
                "the new ID certificate has ended");
  }
  if (auto ok = answered(slot, RequestKind::renewal, events); !ok) return ok;
  const bool in_time = registered();
  auto& held = state_.facts.authorization;
  // Only a renewal in time moves the bound, and an end that has passed stays (E2).
  if (in_time && held && time() < held->end(periods_)) held->bound = certificate.not_after;
  const Due next_ask = due(RequestKind::authorization);
  install(certificate);
  if (in_time) due(RequestKind::authorization) = next_ask;
  emit(EventKind::certificate_renewed, events);
  return {};
}

Result<void> Licence::handle_deregistered(Slot slot, UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = answered(slot, RequestKind::deregistration, events); !ok) return ok;
  drop_registration();
  emit(EventKind::deregistered, events);
  record(Cause::deregistered, events);
  return {};
}

Result<void> Licence::handle_refused(Slot slot, Errc code, std::optional<Ms> retry_after,
                                     UtcTime now, Events& events) {
  run_deadlines(now, events);
  const auto kind = at(slot).kind;
  const auto effect = describe(code).effect;
  if (!kind || !effect)
    return Error{Errc::answer_unmatched, "no request is open that could be refused so"};
  const OpenSlot exported = at(Slot::exported);
  if (auto ok = answered(slot, *kind, events); !ok) return ok;
  if (slot == Slot::online && *effect == Effect::keep)
    at(Slot::exported) = exported;  // nothing was decided
  const bool registering = *kind == RequestKind::registration;
  emit(registering ? EventKind::registration_failed : EventKind::refused, events, code);
  if (slot == Slot::online) {
    if (*kind == RequestKind::authorization && state_.request_changed) {
      due(*kind).schedule(time());  // what was refused is not what is wanted by now (E9)
    } else {
      reschedule(*kind, code, retry_after);
    }
  }
  if (*effect == Effect::drop_authorization) state_.facts.authorization.reset();
  if (*effect == Effect::drop_registration) drop_registration();
  record(Cause::refused, events);
  return {};
}

// E8: up to 5 % early, but never below the least interval.
Ms Licence::jittered(Ms interval) {
  const Ms earliest =
      std::max(periods_.ask_min, interval - interval * periods_.jitter_percent / 100);
  return state_.jitter.between(earliest, interval);
}

void Licence::reschedule(RequestKind kind, Errc code, std::optional<Ms> retry_after) {
  auto& next = due(kind);
  const auto& row = describe(code);
  if (row.retry == Retry::at_once && next.retry_at_once(time(), code)) return;
  if (row.retry == Retry::after_change && kind == RequestKind::registration) {
    next = {};  // another token is needed; `register` brings it
    return;
  }
  if (row.effect == Effect::drop_authorization || row.retry == Retry::after_change || retry_after) {
    const Ms usual = row.retry == Retry::after_change ? periods_.retry_max : periods_.ask_denied;
    next.at = time() + jittered(ask_interval(periods_, retry_after.value_or(usual)));
    return;
  }
  next.back_off(time(), periods_, state_.jitter);
}

void Licence::ask_again(Slot slot) {
  auto& open = at(slot);
  if (slot == Slot::exported || !open.waiting) return;
  open.waiting = false;
  due(*open.kind).back_off(time(), periods_, state_.jitter);
}

void Licence::handle_no_answer(Errc code, std::optional<Ms> retry_after, UtcTime now,
                               Events& events) {
  run_deadlines(now, events);
  auto& online = at(Slot::online);
  if (!online.waiting) return;
  online.waiting =
      false;  // still open: an answer that comes late but before the next request counts
  if (online.kind) due(*online.kind).back_off(time(), periods_, state_.jitter, retry_after);
  if (!state_.communication_lost) emit(EventKind::communication_lost, events, code);
  state_.communication_lost = true;
}

}  // namespace smartlic::rules
