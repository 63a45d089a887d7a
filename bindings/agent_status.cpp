#include "agent_status.hpp"

#include <string>
#include <utility>

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::AgentState;
using rules::Licence;
using rules::RequestKind;
using rules::Slot;

py::object authorization_of(const Licence& licence) {
  const auto& held = licence.state().facts.authorization;
  if (!held) return py::none();
  const auto& periods = licence.periods();
  return py::dict(
      "start"_a = held->start, "own_end"_a = held->own_end(periods), "bound"_a = held->bound,
      "end"_a = held->end(periods),
      "ended_by"_a = held->ends_by_own_period(periods) ? "authorization" : "certificate",
      "ended"_a = licence.time() >= held->end(periods),
      "out_of_compliance"_a = held->out_of_compliance);
}

py::dict evaluation_of(const Licence& licence) {
  return py::dict("used"_a = licence.evaluation_used(), "period"_a = licence.periods().evaluation,
                  "end"_a = licence.evaluation_end());
}

py::object certificate_of(const AgentState& state, const Licence& licence) {
  const auto& facts = licence.state().certificate;
  if (!state.identity || !facts) return py::none();
  const auto& certificate = state.identity->id_certificate;
  return py::dict("serial"_a = certificate.serial().to_string(),
                  "not_before"_a = certificate.not_before(), "not_after"_a = facts->not_after,
                  "renew_at"_a = facts->renew_at);
}

py::list entitlements(const std::vector<message::EntitlementRequest>& requested) {
  py::list out;
  for (const auto& each : requested) {
    out.append(py::dict("tag"_a = each.tag, "count"_a = each.count, "version"_a = each.version,
                        "display_name"_a = each.display_name));
  }
  return out;
}

py::list due_requests(const Licence& licence) {
  py::list out;
  for (const auto kind : {RequestKind::registration, RequestKind::authorization,
                          RequestKind::renewal, RequestKind::deregistration}) {
    const auto& due = licence.state().due[static_cast<std::size_t>(kind)];
    if (due.at == never) continue;
    out.append(py::dict("kind"_a = to_string(kind), "due"_a = due.at,
                        "failures"_a = static_cast<int>(due.failures)));
  }
  return out;
}

py::object open_request(const AgentState& state, const Licence& licence, Slot slot) {
  const auto kind = licence.open(slot);
  const auto& details = state.open[static_cast<std::size_t>(slot)];
  if (!kind || !details) return py::none();
  return py::dict("kind"_a = to_string(*kind), "asked_at"_a = details->asked_at);
}

// As Event.to_dict, with times as everywhere in the status.
py::list event_dicts(const auto& events) {
  py::list out;
  for (const rules::Event& each : events) {
    const py::object event = py::cast(each);
    const py::dict facts = event.attr("to_dict")();
    for (const auto& [name, member] : {std::pair{"at", "at"}, {"from", "from_"}, {"to", "to"}}) {
      if (facts.contains(name)) facts[name] = event.attr(member);
    }
    out.append(facts);
  }
  return out;
}

void add_identity(py::dict& out, const AgentState& state, const Licence& licence) {
  const auto& who = state.identity;
  out["udi"] = state.config.udi.to_string();
  out["software_tag"] = state.config.software_tag;
  out["hostname"] = state.config.hostname;
  out["instance"] = who ? py::object{py::str(who->instance.to_string())} : py::none();
  out["virtual_account"] = who ? py::object{py::str(who->virtual_account)} : py::none();
  out["certificate"] = certificate_of(state, licence);
  out["signing_serial"] =
      who ? py::object{py::str(who->signing_certificate.serial().to_string())} : py::none();
  out["manager"] = state.trust ? py::object{py::str(state.trust->manager.to_string())} : py::none();
  out["roots_version"] =
      state.trust ? py::object{py::int_(state.trust->roots.version())} : py::none();
}

void add_requests(py::dict& out, const AgentState& state, const Licence& licence) {
  out["requesting"] = licence.state().requesting;
  out["requested"] = entitlements(state.requested);
  out["answered"] = state.answered ? py::object{entitlements(*state.answered)} : py::none();
  out["pending"] = due_requests(licence);
  out["open"] = py::dict("online"_a = open_request(state, licence, Slot::online),
                         "exported"_a = open_request(state, licence, Slot::exported));
  out["request_no"] = state.request_no;
  out["communication_lost"] = licence.state().communication_lost;
  out["counters"] = py::dict("answers_invalid"_a = state.counters.answers_invalid,
                             "answers_unmatched"_a = state.counters.answers_unmatched);
}

}  // namespace

PlainDict agent_status(const AgentState& state, const Licence& licence, UtcTime next_deadline) {
  PlainDict out;
  out["mode"] = to_string(licence.mode());
  out["mode_since"] = state.mode_since;
  out["mode_cause"] = to_string(state.mode_cause);
  out["licensing_time"] = licence.time();
  out["enabled"] = licence.enabled();
  out["registered"] = licence.registered();
  add_identity(out, state, licence);
  out["authorization"] = authorization_of(licence);
  out["evaluation"] = evaluation_of(licence);
  add_requests(out, state, licence);
  out["next_deadline"] = next_deadline;
  out["coming"] = event_dicts(licence.coming());
  out["recent"] = event_dicts(state.recent);
  return out;
}

}  // namespace smartlic::bindings
