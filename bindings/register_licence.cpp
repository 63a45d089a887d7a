// Event and Licence: one device as typed facts (RULES E).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "errors.hpp"
#include "register.hpp"
#include "rules/licence.hpp"
#include "time_casters.hpp"
#include "values.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using rules::CertificateFacts;
using rules::Event;
using rules::EventKind;
using rules::Events;
using rules::Licence;
using rules::Periods;
using rules::RequestKind;
using rules::Slot;

[[noreturn]] void refuse(std::string detail) {
  throw_error({Errc::invalid_argument, std::move(detail)});
}

Slot slot_from(std::string_view name) {
  if (name == "online") return Slot::online;
  if (name == "exported") return Slot::exported;
  refuse("slot: 'online' or 'exported', not '" + std::string{name} + "'");
}

RequestKind kind_from(std::string_view name) {
  for (const auto kind : {RequestKind::registration, RequestKind::authorization,
                          RequestKind::renewal, RequestKind::deregistration}) {
    if (to_string(kind) == name) return kind;
  }
  refuse("kind: registration, authorization, renewal or deregistration, not '" + std::string{name} +
         "'");
}

Errc code_from(std::string_view name) {
  if (const auto code = errc_from(name)) return *code;
  refuse("code: a name of error_table(), not '" + std::string{name} + "'");
}

// --- Event

/// The facts that this kind of event has (rules/event.hpp); the others are None.
struct Facts {
  std::optional<Mode> before, after;
  std::optional<std::string_view> cause, code;
  std::optional<UtcTime> from, to;
};

Facts facts_of(const Event& event) {
  Facts out;
  if (event.code) out.code = to_string(*event.code);
  switch (event.kind) {
    case EventKind::mode_changed:
      out.before = event.before;
      out.after = event.after;
      out.cause = rules::to_string(event.cause);
      break;
    case EventKind::authorized:
      out.after = event.after;
      out.from = event.from;
      out.to = event.to;
      break;
    case EventKind::clock_corrected:
    case EventKind::clock_jumped:
      out.from = event.from;
      out.to = event.to;
      break;
    case EventKind::registered:
    case EventKind::certificate_renewed:
    case EventKind::certificate_ending:
    case EventKind::certificate_ended:
    case EventKind::evaluation_ending:
    case EventKind::evaluation_ended:
      out.to = event.to;
      break;
    case EventKind::registration_failed:
    case EventKind::refused:
    case EventKind::communication_lost:
    case EventKind::communication_restored:
    case EventKind::fork_suspected:
    case EventKind::deregistered:
      break;
  }
  return out;
}

py::str iso(UtcTime time) {
  const py::object text = py::cast(time).attr("isoformat")("timespec"_a = "milliseconds");
  return text.attr("replace")("+00:00", "Z");
}

py::typing::Dict<py::str, py::object> to_dict(const Event& event) {
  const Facts facts = facts_of(event);
  py::dict out("kind"_a = rules::to_string(event.kind), "at"_a = iso(event.at));
  if (facts.before) out["before"] = to_string(*facts.before);
  if (facts.after) out["after"] = to_string(*facts.after);
  if (facts.cause) out["cause"] = *facts.cause;
  if (facts.code) out["code"] = *facts.code;
  if (facts.from) out["from"] = iso(*facts.from);
  if (facts.to) out["to"] = iso(*facts.to);
  return out;
}

std::string text(const Event& event) {
  const py::dict facts = to_dict(event);
  std::string out{"<Event "};
  out.append(rules::to_string(event.kind)).append(" at ");
  out.append(facts["at"].cast<std::string>());
  for (const auto& [name, value] : facts) {
    const auto key = name.cast<std::string>();
    if (key != "kind" && key != "at") {
      out.append(", ").append(key).append(" ").append(value.cast<std::string>());
    }
  }
  return out.append(">");
}

void register_event(py::module_& module) {
  const auto fact = [](auto member) {
    return [member](const Event& event) { return facts_of(event).*member; };
  };
  py::class_<Event> type(
      module, "Event",
      "Something that happened to a device (RULES E10), with its time and facts. A "
      "fact that this kind has not is None.");
  type.def_property_readonly(
          "kind", [](const Event& event) { return rules::to_string(event.kind); },
          "What happened: 'mode_changed', 'registered', 'authorized', …")
      .def_readonly("at", &Event::at, "Licensing time.")
      .def_property_readonly("before", fact(&Facts::before), "mode_changed: the mode before.")
      .def_property_readonly("after", fact(&Facts::after),
                             "mode_changed, authorized: the mode from now on.")
      .def_property_readonly("cause", fact(&Facts::cause), "mode_changed: why.")
      .def_property_readonly("code", fact(&Facts::code), "The row of the error table.")
      .def_property_readonly("from_", fact(&Facts::from),
                             "authorized: start_date; clock_*: the value before.")
      .def_property_readonly("to", fact(&Facts::to),
                             "The end that this is about; clock_*: the new value.")
      .def("to_dict", &to_dict, "The facts that this kind has, in plain types, as --json prints.")
      .def("__repr__", [](const Event& event) { return text(event); });
  define_equality(type);
}

// --- Licence

/// A licence and what it reported by inputs that then raised: the next list begins with it.
struct Reporting {
  Licence licence;
  Events events{};

  Events take() { return std::exchange(events, {}); }
};

/// Makes a method of Python of an input: it returns the events, or raises the error.
template <class Do>
Events input(Reporting& self, Do&& what) {
  if constexpr (std::is_void_v<std::invoke_result_t<Do, Licence&, Events&>>) {
    what(self.licence, self.events);
  } else {
    unwrap(what(self.licence, self.events));
  }
  return self.take();
}

template <class R>
auto command(R (Licence::*method)(UtcTime, Events&)) {
  return [method](Reporting& self, UtcTime now) {
    return input(self,
                 [&](Licence& licence, Events& events) { return (licence.*method)(now, events); });
  };
}

auto certificate_answer(Result<void> (Licence::*method)(Slot, const CertificateFacts&, UtcTime,
                                                        Events&)) {
  return [method](Reporting& self, std::string_view slot, const CertificateFacts& certificate,
                  UtcTime now) {
    return input(self, [&](Licence& licence, Events& events) {
      return (licence.*method)(slot_from(slot), certificate, now, events);
    });
  };
}

using Class = py::class_<Reporting>;

template <class Getter>
auto get(Getter getter) {
  return [getter](const Reporting& self) { return std::invoke(getter, self.licence); };
}

void define_getters(Class& licence) {
  licence.def_property_readonly("mode", get(&Licence::mode), "The mode at the last input.")
      .def_property_readonly("time", get(&Licence::time), "Licensing time of the last input.")
      .def_property_readonly("periods", get(&Licence::periods), "What it was made with.")
      .def_property_readonly("enabled", get(&Licence::enabled), "Smart licensing is enabled.")
      .def_property_readonly("registered", get(&Licence::registered),
                             "An ID certificate is held and has not ended (E7).")
      .def_property_readonly("certificate",
                             get([](const Licence& self) { return self.state().certificate; }),
                             "The ID certificate held, ended or not; or None.")
      .def_property_readonly("authorization", get([](const Licence& self) {
                               return self.state().facts.authorization;
                             }),
                             "The authorization held, ended or not (E2); or None.")
      .def_property_readonly("evaluation_used", get(&Licence::evaluation_used),
                             "Evaluation time used so far (E4).")
      .def_property_readonly("evaluation_end", get(&Licence::evaluation_end),
                             "When the evaluation would end if the mode stayed Eval; None in any "
                             "other mode.")
      .def_property_readonly("next_rule_deadline",
                             get([](const Licence& self) { return self.next_rule_deadline().at; }),
                             "The next instant at which a deadline of E3 runs; or None.")
      .def_property_readonly("next_deadline", get(&Licence::next_deadline),
                             "When to come back: a deadline, or a request due; or None.")
      .def("coming", get(&Licence::coming),
           "The changes of mode that follow if nothing more is heard or done.")
      .def(
          "open",
          [](const Reporting& self, std::string_view slot) -> std::optional<std::string_view> {
            const auto kind = self.licence.open(slot_from(slot));
            return kind ? std::optional{to_string(*kind)} : std::nullopt;
          },
          "slot"_a, "The kind of request that is open in a slot; or None.")
      .def(
          "poll_request",
          [](const Reporting& self) -> std::optional<std::string_view> {
            const auto kind = self.licence.poll_request();
            return kind ? std::optional{to_string(*kind)} : std::nullopt;
          },
          "The kind of request to make now, if one is due and the wire is free; or None.")
      .def("__copy__", [](const Reporting& self) { return self; })
      .def("__repr__", [](const Reporting& self) {
        return py::str("<Licence {} at {}>")
            .format(to_string(self.licence.mode()), iso(self.licence.time()));
      });
}

void define_commands(Class& licence) {
  licence
      .def("enable", command(&Licence::enable), py::kw_only(), "now"_a,
           "Enable smart licensing; twice changes nothing.")
      .def("disable", command(&Licence::disable), py::kw_only(), "now"_a,
           "Disable it: calls are rejected and nothing is sent.")
      .def("register", command(&Licence::register_), py::kw_only(), "now"_a,
           "Ask for a registration. StateError while registered.")
      .def("request", command(&Licence::request), py::kw_only(), "now"_a,
           "The entitlement request changed; ask for it as soon as possible.")
      .def("authorize", command(&Licence::authorize), py::kw_only(), "now"_a,
           "Ask now. StateError while unidentified or with nothing requested.")
      .def("renew", command(&Licence::renew), py::kw_only(), "now"_a,
           "Renew the ID certificate now. StateError without one.")
      .def("deregister", command(&Licence::deregister), py::kw_only(), "now"_a,
           "Tell the manager; done at once and locally if the ID certificate has ended.")
      .def("advance", command(&Licence::advance), py::kw_only(), "now"_a,
           "Run all deadlines up to `now` (E3).")
      .def(
          "correct",
          [](Reporting& self, UtcTime now, UtcTime truth) {
            return input(self,
                         [&](Licence& it, Events& events) { it.correct(now, truth, events); });
          },
          py::kw_only(), "now"_a, "truth"_a,
          "Licensing time was wrong: at `now` it becomes `truth` (T2).")
      .def(
          "opened",
          [](Reporting& self, std::string_view slot, std::string_view kind, UtcTime now) {
            return input(self, [&](Licence& it, Events& events) {
              it.opened(slot_from(slot), kind_from(kind), now, events);
            });
          },
          py::kw_only(), "slot"_a = "online", "kind"_a, "now"_a,
          "A request of this kind was made; it replaces what was open in the slot.");
}

void define_answers(Class& licence) {
  licence
      .def("handle_registered", certificate_answer(&Licence::handle_registered), py::kw_only(),
           "slot"_a = "online", "certificate"_a, "now"_a, "The registration was answered.")
      .def("handle_renewed", certificate_answer(&Licence::handle_renewed), py::kw_only(),
           "slot"_a = "online", "certificate"_a, "now"_a, "The renewal was answered.")
      .def(
          "handle_granted",
          [](Reporting& self, std::string_view slot, UtcTime start_date, bool out_of_compliance,
             Ms retry_interval, UtcTime now) {
            return input(self, [&](Licence& it, Events& events) {
              return it.handle_granted(
                  slot_from(slot), {start_date, out_of_compliance, retry_interval}, now, events);
            });
          },
          py::kw_only(), "slot"_a = "online", "start_date"_a, "out_of_compliance"_a,
          "retry_interval"_a, "now"_a,
          "A granting answer. TrustError (authorization_over) if its own period has passed (E5).")
      .def(
          "handle_deregistered",
          [](Reporting& self, std::string_view slot, UtcTime now) {
            return input(self, [&](Licence& it, Events& events) {
              return it.handle_deregistered(slot_from(slot), now, events);
            });
          },
          py::kw_only(), "slot"_a = "online", "now"_a, "The deregistration was answered.")
      .def(
          "handle_refused",
          [](Reporting& self, std::string_view slot, std::string_view code,
             std::optional<Ms> retry_after, UtcTime now) {
            return input(self, [&](Licence& it, Events& events) {
              return it.handle_refused(slot_from(slot), code_from(code), retry_after, now, events);
            });
          },
          py::kw_only(), "slot"_a = "online", "code"_a, "retry_after"_a = py::none(), "now"_a,
          "A signed refusal: its row of the error table says what it does (E6, M9).")
      .def(
          "handle_no_answer",
          [](Reporting& self, std::string_view code, std::optional<Ms> retry_after, UtcTime now) {
            return input(self, [&](Licence& it, Events& events) {
              it.handle_no_answer(code_from(code), retry_after, now, events);
            });
          },
          py::kw_only(), "code"_a, "retry_after"_a = py::none(), "now"_a,
          "Anything else came of the online request: no mode changes (E6).");
}

void register_certificate_facts(py::module_& module) {
  py::class_<CertificateFacts> type(module, "CertificateFacts",
                                    "What the licence needs to know of an ID certificate (E7).");
  type.def(py::init([](UtcTime issued, UtcTime not_after, UtcTime renew_at) {
             return CertificateFacts{issued, not_after, renew_at};
           }),
           py::kw_only(), "issued"_a, "not_after"_a, "renew_at"_a)
      .def_readonly("issued", &CertificateFacts::issued, "When it was issued.")
      .def_readonly("not_after", &CertificateFacts::not_after, "Its end.")
      .def_readonly("renew_at", &CertificateFacts::renew_at, "When its renewal is due (D1).")
      .def("__repr__", [](const CertificateFacts& self) {
        return py::str("CertificateFacts(issued={!r}, not_after={!r}, renew_at={!r})")
            .format(self.issued, self.not_after, self.renew_at);
      });
  define_equality(type);
}

}  // namespace

void register_licence(py::module_& module) {
  register_event(module);
  register_certificate_facts(module);
  Class licence(
      module, "Licence",
      R"(The licence of one product instance as typed facts: no keys, no messages, no clock (RULES E).

Commands say what the operator wants; poll_request() says which request is due and opened() that it was made; handle_*
take what came of it; advance() runs deadlines; next_deadline says when to come back. Every input takes licensing time
`now`, first runs all deadlines up to it, each at its own instant (E3), and returns the events in order. An input that
raises changes nothing but that; the events of its deadlines begin the next list. Times before the last one count as
the last one.

Raises StateError (command_refused) for a command that the state does not allow, TrustError (answer_unmatched) for an
answer to no open request, InputError for unknown names.)");
  licence.def(py::init([](UtcTime made, std::uint64_t seed, const Periods& periods) {
                return Reporting{Licence{made, seed, periods}};
              }),
              py::kw_only(), "made"_a, "seed"_a, py::arg_v("periods", Periods{}, "Periods()"),
              "made: when the product left the factory: Disabled, unidentified, evaluation unused. "
              "seed: feeds the jitter of E8.");
  define_getters(licence);
  define_commands(licence);
  define_answers(licence);
}

}  // namespace smartlic::bindings
