// The licence: getters, commands, deadlines. What answers do is in licence_answers.cpp.

#include "rules/licence.hpp"

#include <algorithm>
#include <string>

namespace smartlic::rules {
namespace {

constexpr Deadline last_deadline = Deadline::evaluation_warning;
// Nothing but the deregistration is sent then, so nothing else could come of the command.
constexpr std::string_view being_deregistered =
    "it is being deregistered; register again when the manager has confirmed it";

}  // namespace

Licence::Licence(UtcTime made, std::uint64_t seed, const Periods& periods,
                 const EnforcementTable& table)
    : periods_{periods}, table_{&table} {
  state_.done = {made, last_deadline};
  state_.jitter = Jitter{seed};
  next_ = find_next_deadline();
}

Licence::Licence(const LicenceState& state, const Periods& periods, const EnforcementTable& table)
    : periods_{periods}, table_{&table}, state_{state}, next_{find_next_deadline()} {}

bool Licence::registered() const {
  return state_.certificate && time() < state_.certificate->not_after;
}

UtcTime Licence::evaluation_end() const {
  if (mode() != Mode::Eval) return never;
  return time() + (periods_.evaluation - evaluation_used());
}

DeadlineAt Licence::find_next_deadline() const {
  DeadlineAt next{never, last_deadline};
  const auto consider = [&](UtcTime at, Deadline which) {
    const DeadlineAt candidate{at, which};
    if (candidate > state_.done) next = std::min(next, candidate);
  };
  if (const auto& held = state_.facts.authorization)
    consider(held->end(periods_), Deadline::authorization);
  if (const auto& certificate = state_.certificate) {
    consider(certificate->not_after, Deadline::certificate);
    consider(certificate->not_after - periods_.certificate_warning, Deadline::certificate_warning);
  }
  if (mode() == Mode::Eval && evaluation_counts_) {
    consider(evaluation_end(), Deadline::evaluation);
    consider(evaluation_end() - periods_.evaluation_warning, Deadline::evaluation_warning);
  }
  return next;
}

bool Licence::leaving() const {
  return registered() && due(RequestKind::deregistration).at != never;
}

template <class Visit>
void Licence::for_each_possible(Visit visit) const {
  if (!enabled()) return;
  if (leaving()) return visit(RequestKind::deregistration);
  if (!registered()) visit(RequestKind::registration);
  // Asked for after the certificate's end too (E7), and first: it keeps the authorization's bound
  // away.
  if (state_.certificate) visit(RequestKind::renewal);
  if (registered() && state_.requesting) visit(RequestKind::authorization);
}

std::optional<RequestKind> Licence::poll_request() const {
  if (at(Slot::online).waiting) return std::nullopt;
  UtcTime earliest = never;
  std::optional<RequestKind> first;
  for_each_possible([&](RequestKind kind) {
    const UtcTime at = due(kind).at;
    if (at > time() || at >= earliest) return;
    earliest = at;
    first = kind;
  });
  return first;
}

Events Licence::coming() const {
  Licence alone{*this};
  Events events;
  for (auto next = alone.next_rule_deadline(); next.at != never;
       next = alone.next_rule_deadline()) {
    alone.advance(next.at, events);
  }
  std::erase_if(events, [](const Event& event) { return event.kind != EventKind::mode_changed; });
  return events;
}

UtcTime Licence::next_request() const {
  UtcTime next = never;
  for_each_possible([&](RequestKind kind) { next = std::min(next, due(kind).at); });
  return next;
}

UtcTime Licence::next_deadline() const {
  if (at(Slot::online).waiting) return next_.at;
  return std::min(next_.at, next_request());
}

// --- commands

Result<void> Licence::allowed(std::string_view command, bool condition,
                              std::string_view state) const {
  if (enabled() && condition) return {};
  std::string detail{"cannot "};
  detail.append(command).append(" while ").append(enabled() ? state
                                                            : "smart licensing is disabled");
  return Error{Errc::command_refused, detail};
}

void Licence::enable(UtcTime now, Events& events) {
  run_deadlines(now, events);
  state_.facts.enabled = true;
  record(Cause::enabled, events);
}

void Licence::disable(UtcTime now, Events& events) {
  run_deadlines(now, events);
  state_.facts.enabled = false;
  record(Cause::disabled, events);
}

Result<void> Licence::register_(UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = allowed("register", !registered(), "registered; deregister first"); !ok) return ok;
  // It replaces what is under way, whose refusal would otherwise take this one's turn (M9).
  if (open(Slot::online) == RequestKind::registration) at(Slot::online) = {};
  due(RequestKind::registration).schedule(time());
  return {};
}

Result<void> Licence::request(UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = allowed("request", !leaving(), being_deregistered); !ok) return ok;
  state_.requesting = true;
  state_.request_changed = true;
  due(RequestKind::authorization).schedule(time());
  return {};
}

Result<void> Licence::authorize(UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = allowed("authorize", !leaving(), being_deregistered); !ok) return ok;
  if (auto ok = allowed("authorize", registered(), "unidentified; register first"); !ok) return ok;
  if (auto ok = allowed("authorize", state_.requesting,
                        "nothing is requested; request an entitlement first");
      !ok) {
    return ok;
  }
  due(RequestKind::authorization).schedule(time());
  return {};
}

Result<void> Licence::renew(UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = allowed("renew", !leaving(), being_deregistered); !ok) return ok;
  if (auto ok = allowed("renew", state_.certificate.has_value(), "unidentified; register first");
      !ok)
    return ok;
  due(RequestKind::renewal).schedule(time());
  return {};
}

Result<bool> Licence::deregister(UtcTime now, Events& events) {
  run_deadlines(now, events);
  if (auto ok = allowed("deregister", state_.certificate.has_value(),
                        "unidentified; there is nothing to deregister");
      !ok) {
    return ok.error();
  }
  if (registered()) {
    due(RequestKind::deregistration).schedule(time());
    return false;
  }
  drop_registration();
  emit(EventKind::deregistered, events);
  record(Cause::deregistered, events);
  return true;
}

void Licence::opened(Slot slot, RequestKind kind, UtcTime now, Events& events) {
  run_deadlines(now, events);
  at(slot) = {kind, slot == Slot::online};
  if (kind == RequestKind::authorization) state_.request_changed = false;
}

// --- time

void Licence::advance(UtcTime now, Events& events) { run_deadlines(now, events); }

void Licence::correct(UtcTime now, UtcTime truth, Events& events) {
  run_deadlines(now, events);
  const UtcTime believed = time();
  if (truth == believed) return;
  if (truth > believed) {
    // The time between was not lived through, so it uses no evaluation, but deadlines in it have
    // passed.
    evaluation_counts_ = false;
    next_ = find_next_deadline();
    run_deadlines(truth, events);
    evaluation_counts_ = true;
  } else {
    state_.done = {truth, last_deadline};
    for (auto& each : state_.due) {
      const bool planned = state_.certificate && each.at == state_.certificate->renew_at;
      if (!planned) each.move_back(believed, truth);
    }
  }
  events.push_back(
      {.kind = EventKind::clock_corrected, .at = truth, .from = believed, .to = truth});
  record(Cause::clock_corrected, events);
}

void Licence::run_passed(UtcTime to, Events& events) {
  for (auto next = next_; next.at <= to && next.at != never; next = next_) {
    pass_to(next.at);
    state_.done.which = next.which;
    run(next.which, events);
    next_ = find_next_deadline();
  }
}

void Licence::pass_to(UtcTime to) {
  if (mode() == Mode::Eval && evaluation_counts_) {
    auto& used = state_.facts.evaluation_used;
    used = std::min(periods_.evaluation, used + (to - time()));
  }
  state_.done = {to, last_deadline};
}

void Licence::run(Deadline which, Events& events) {
  switch (which) {
    case Deadline::authorization: {
      const bool own = state_.facts.authorization->ends_by_own_period(periods_);
      record(own ? Cause::authorization_ended : Cause::certificate_ended, events);
      break;
    }
    case Deadline::certificate: {
      emit(EventKind::certificate_ended, events);
      for (auto& slot : state_.slots) {
        if (slot.kind == RequestKind::authorization) slot = {};  // a grant is late from now on (E7)
      }
      if (due(RequestKind::deregistration).at != never) {
        // Nobody is left to tell: what was asked for while the certificate was valid is done
        // locally (E9).
        drop_registration();
        emit(EventKind::deregistered, events);
      }
      record(Cause::deregistered, events);
      break;
    }
    case Deadline::evaluation:
      record(Cause::evaluation_ended, events);
      break;
    case Deadline::certificate_warning:
      emit(EventKind::certificate_ending, events);
      break;
    case Deadline::evaluation_warning:
      emit(EventKind::evaluation_ending, events);
      break;
  }
}

// Every change of the facts ends here, so the next deadline is found anew here too.
void Licence::record(Cause cause, Events& events) {
  const Mode now = mode_at(state_.facts, periods_, time(), *table_);
  if (now != state_.mode) record_change(now, cause, events);
  next_ = find_next_deadline();
}

void Licence::record_change(Mode now, Cause cause, Events& events) {
  if (state_.mode == Mode::Eval && now == Mode::EvalExpired) {
    // Only the counter does this, whichever deadline of a tie ran first.
    cause = Cause::evaluation_ended;
    emit(EventKind::evaluation_ended, events);
  }
  events.push_back({.kind = EventKind::mode_changed,
                    .at = time(),
                    .before = state_.mode,
                    .after = now,
                    .cause = cause});
  state_.mode = now;
}

void Licence::emit(EventKind kind, Events& events, std::optional<Errc> code) {
  Event& event = events.emplace_back();  // in place: half of what a fleet does is reporting
  event.kind = kind;
  event.at = time();
  event.after = mode();
  event.code = code;
  switch (kind) {
    case EventKind::registered:
    case EventKind::certificate_renewed:
    case EventKind::certificate_ending:
    case EventKind::certificate_ended:
      event.to = state_.certificate->not_after;
      break;
    case EventKind::evaluation_ending:
      event.to = evaluation_end();
      break;
    case EventKind::evaluation_ended:
      event.to = time();
      break;
    case EventKind::authorized:
      event.from = state_.facts.authorization->start;
      event.to = state_.facts.authorization->end(periods_);
      break;
    default:
      break;
  }
}

void Licence::drop_registration() {
  state_.facts.authorization.reset();
  state_.certificate.reset();
  for (auto& slot : state_.slots) slot = {};  // losing the registration closes both (E9)
  for (const auto kind :
       {RequestKind::authorization, RequestKind::renewal, RequestKind::deregistration}) {
    due(kind) = {};
  }
}

std::string_view to_string(RequestKind kind) {
  constexpr std::array<std::string_view, 4> names{"registration", "authorization", "renewal",
                                                  "deregistration"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace smartlic::rules
