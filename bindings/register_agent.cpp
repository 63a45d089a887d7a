// The sans-I/O agent and the catalogue (RULES E, T, M; C1).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent_status.hpp"
#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "licensing/agent.hpp"
#include "licensing/registration_token.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::Agent;
using licensing::Catalogue;
using licensing::CatalogueEntry;
using licensing::Notify;
using licensing::Output;
using licensing::Persist;
using licensing::Send;
using licensing::TokenParts;
using message::EntitlementRequest;

using SharedAgent = Guarded<Agent>;

void register_catalogue(py::module_& module) {
  py::class_<CatalogueEntry>(module, "CatalogueEntry", "One licence as it is sold (D8, F4, F5).")
      .def(py::init([](std::string short_name, std::string tag, std::int64_t cps,
                       std::string version, std::string display_name) {
             return CatalogueEntry{std::move(short_name), std::move(tag), cps, std::move(version),
                                   std::move(display_name)};
           }),
           py::kw_only(), "short_name"_a, "tag"_a, "cps"_a, "version"_a = "", "display_name"_a = "")
      .def_readonly("short_name", &CatalogueEntry::short_name, "As people type it: `CUSP-5`.")
      .def_readonly("tag", &CatalogueEntry::tag, "The whole entitlement tag.")
      .def_readonly("cps", &CatalogueEntry::cps, "Calls per second of one count.")
      .def_readonly("version", &CatalogueEntry::version, "As sent in a request (S18).")
      .def_readonly("display_name", &CatalogueEntry::display_name, "For people.")
      .def("__eq__", &equal<CatalogueEntry>, "other"_a)
      .def("__hash__", [](const CatalogueEntry& it) { return py::hash(py::str(it.tag)); })
      .def("__repr__", [](const CatalogueEntry& it) {
        return "<CatalogueEntry " + it.short_name + ", " + std::to_string(it.cps) + " CPS>";
      });
  py::class_<Catalogue>(module, "Catalogue",
                        "The licences that are known. The default one has `CUSP-5` (D8).")
      .def(py::init<>())
      .def(py::init([](std::vector<CatalogueEntry> entries) {
             return unwrap(Catalogue::make(std::move(entries)));
           }),
           "entries"_a, "Raises InputError for a name or tag that occurs twice or is empty.")
      .def_property_readonly("entries", &Catalogue::entries, "What it has, in its order.")
      .def(
          "resolve",
          [](const Catalogue& it, std::string_view name) { return unwrap(it.resolve(name)); },
          "name"_a,
          "Finds an entry by short name or whole tag.\n\n"
          "Raises InputError (unknown_tag), listing the known names.");
  py::class_<EntitlementRequest>(module, "EntitlementRequest",
                                 "One entitlement asked for: a tag and its requested count (S15).")
      .def(py::init([](std::string tag, std::int64_t count, std::string version,
                       std::string display_name) {
             return EntitlementRequest{std::move(tag), count, std::move(version),
                                       std::move(display_name)};
           }),
           py::kw_only(), "tag"_a, "count"_a, "version"_a = "", "display_name"_a = "")
      .def_readonly("tag", &EntitlementRequest::tag, "The whole entitlement tag (F5).")
      .def_readonly("count", &EntitlementRequest::count, "1 to 10^9.")
      .def_readonly("version", &EntitlementRequest::version, "Of the entitlement.")
      .def_readonly("display_name", &EntitlementRequest::display_name, "For people.")
      .def("__eq__", &equal<EntitlementRequest>, "other"_a)
      .def("__hash__", [](const EntitlementRequest& it) { return py::hash(py::str(it.tag)); })
      .def("__repr__", [](const EntitlementRequest& it) {
        return "<EntitlementRequest " + std::to_string(it.count) + " x " + it.tag + ">";
      });
}

void register_token(py::module_& module) {
  py::class_<TokenParts>(module, "TokenParts",
                         "What a device keeps of a registration token; not the secret (RULES M5).")
      .def_readonly("id", &TokenParts::id, "The token's ID.")
      .def_readonly("secret_hash", &TokenParts::secret_hash, "SHA-256 of its secret.")
      .def("__repr__", [](const TokenParts& it) { return "<TokenParts " + it.id + ">"; });
  module.def(
      "parse_token", [](std::string_view text) { return unwrap(licensing::parse_token(text)); },
      "text"_a,
      "Reads a registration token as the manager showed it, with white space around it or not.\n\n"
      "Raises the row token_invalid.");
}

std::string_view slot_name(rules::Slot slot) {
  return slot == rules::Slot::online ? "online" : "exported";
}

void register_outputs(py::module_& module) {
  py::class_<Persist>(module, "Persist",
                      "Make this state durable before anything that is polled after it.")
      .def_readonly("state", &Persist::state, "What Agent.load takes: JSON.")
      .def("__repr__", [](const Persist& it) {
        return "<Persist " + std::to_string(it.state.size()) + " bytes>";
      });
  py::class_<Send>(module, "Send",
                   "Send this request to the manager, or write it to a file (RULES M12).")
      .def_property_readonly(
          "slot", [](const Send& it) { return slot_name(it.slot); },
          "'online', or 'exported': it is for a file.")
      .def_property_readonly(
          "kind", [](const Send& it) { return to_string(it.kind); },
          "'registration', 'authorization', 'renewal' or 'deregistration'.")
      .def_readonly("bytes", &Send::bytes, "The signed message.")
      .def("__repr__", [](const Send& it) {
        return "<Send " + std::string{to_string(it.kind)} + ", " + std::string{slot_name(it.slot)} +
               ">";
      });
  py::class_<Notify>(module, "Notify", "Tell the product and its operator (RULES E10).")
      .def_readonly("event", &Notify::event, "What happened.")
      .def("__repr__", [](const Notify& it) {
        return py::str("<Notify {!r}>").format(it.event).cast<std::string>();
      });
}

std::unique_ptr<SharedAgent> create_agent(identity::Udi udi, std::string software_tag,
                                          const identity::Entropy::Seed& seed, const Now& now,
                                          std::optional<std::string> hostname,
                                          std::string_view algorithm, unsigned rsa_bits,
                                          const rules::Periods& periods, std::string passphrase,
                                          std::optional<identity::PrivateKey> first_key) {
  const licensing::AgentConfig config{std::move(udi),
                                      std::move(software_tag),
                                      std::move(hostname),
                                      algorithm_from(algorithm),
                                      rsa_bits,
                                      periods};
  return std::make_unique<SharedAgent>(unwrap(without_gil([&] {
    return Agent::create(config, seed, now, std::move(passphrase), std::move(first_key));
  })));
}

std::unique_ptr<SharedAgent> load_agent(ByteView state, const identity::Entropy::Seed& seed,
                                        const Now& now, std::string passphrase,
                                        const rules::Periods& periods) {
  return std::make_unique<SharedAgent>(unwrap(
      without_gil([&] { return Agent::load(state, seed, now, std::move(passphrase), periods); })));
}

Errc errc_of(std::string_view name) {
  if (const auto code = errc_from(name)) return *code;
  throw_error({Errc::invalid_argument, "no such error code: " + std::string{name}});
}

constexpr auto agent_doc = R"(The licensing agent of one product instance, without I/O (DESIGN 3).

Every call takes `now`. Commands say what the operator wants, `handle_*` what arrived; after each,
take `poll_output()` until it is None and do what it says, in its order. An online request is
answered by exactly one `handle_answer` that succeeds or one `handle_no_answer`. When nothing is left
to do, `next_deadline` says when to call `handle_timeout`. Getters show what held at the last input.

`smartlic.Agent` does the waiting, storing and sending. Threads may share one; they wait for each
other, without the GIL.)";

constexpr auto create_doc = R"(A product that leaves the factory: Disabled, unidentified.

udi, software_tag, hostname: what the product is (S12).
seed: 32 bytes of entropy, for nonces and jitter.
algorithm: of its keys, 'ES256' or 'RS256' with `rsa_bits`.
periods: the lengths of time of RULES E.
passphrase: encrypts private keys in the state; empty: they are in clear.
first_key: for the first registration; else one is generated.

Raises InputError for another algorithm.)";

constexpr auto load_doc =
    R"(Continues from the state of a `Persist`, and verifies what it claims (RULES M8).

seed: 32 bytes of entropy, not used before.

Raises StorageError (state_damaged, state_version), InputError (passphrase_wrong).)";

using AgentClass = py::class_<SharedAgent>;

void add_life(AgentClass& agent) {
  agent
      .def_static("create", &create_agent, py::kw_only(), "udi"_a, "software_tag"_a, "seed"_a,
                  "now"_a, "hostname"_a = py::none(), "algorithm"_a = "ES256", "rsa_bits"_a = 2048,
                  py::arg_v("periods", rules::Periods{}, "Periods()"), "passphrase"_a = "",
                  "first_key"_a = py::none(), create_doc)
      .def_static("load", &load_agent, "state"_a, py::kw_only(), "seed"_a, "now"_a,
                  "passphrase"_a = "", py::arg_v("periods", rules::Periods{}, "Periods()"),
                  load_doc);
}

void add_commands(AgentClass& agent) {
  agent
      .def(
          "enable",
          [](SharedAgent& it, const Now& now) { it.with([&](Agent& a) { a.enable(now); }); },
          py::kw_only(), "now"_a, "Enables smart licensing; again changes nothing (RULES E9).")
      .def(
          "disable",
          [](SharedAgent& it, const Now& now) { it.with([&](Agent& a) { a.disable(now); }); },
          py::kw_only(), "now"_a,
          "Disables it: calls are rejected and nothing is sent; again changes nothing.")
      .def(
          "register",
          [](SharedAgent& it, const message::TrustFile& trust, const TokenParts& token,
             const Now& now) {
            unwrap(it.with([&](Agent& a) {
              return a.register_(trust, {token.id, token.secret_hash}, now);
            }));
          },
          py::kw_only(), "trust"_a, "token"_a, "now"_a,
          "Registers with the manager of the trust file, which is pinned from now on (RULES "
          "M14).\n\n"
          "token: of `parse_token`.\n\n"
          "Raises StateError (command_refused: disabled, or registered already).")
      .def(
          "request",
          [](SharedAgent& it, std::vector<EntitlementRequest> entitlements, const Now& now) {
            unwrap(it.with([&](Agent& a) { return a.request(std::move(entitlements), now); }));
          },
          "entitlements"_a, py::kw_only(), "now"_a,
          "What is used from now on; replaces the request of before, an empty one releases "
          "(E9).\n\n"
          "Raises InputError for more than 64 tags, one that occurs twice, a count outside 1 to\n"
          "10^9; StateError (command_refused).");
}

void add_requests(AgentClass& agent) {
  agent
      .def(
          "authorize",
          [](SharedAgent& it, const Now& now) {
            unwrap(it.with([&](Agent& a) { return a.authorize(now); }));
          },
          py::kw_only(), "now"_a, "Asks now, not at the next regular time. Raises StateError.")
      .def(
          "renew",
          [](SharedAgent& it, const Now& now) {
            unwrap(it.with([&](Agent& a) { return a.renew(now); }));
          },
          py::kw_only(), "now"_a, "Asks for a new ID certificate now. Raises StateError.")
      .def(
          "deregister",
          [](SharedAgent& it, const Now& now) {
            return unwrap(it.with([&](Agent& a) { return a.deregister(now); }));
          },
          py::kw_only(), "now"_a,
          "Gives the registration back. True if that is done, False if the manager has to answer\n"
          "first. Raises StateError.")
      .def(
          "export_request",
          [](SharedAgent& it, const Now& now) {
            unwrap(it.with([&](Agent& a) { return a.export_request(now); }));
          },
          py::kw_only(), "now"_a,
          "Makes the request that is most needed, as a `Send` for a file; one at a time (M12).\n\n"
          "Raises StateError if there is nothing to ask for.");
}

void add_inputs(AgentClass& agent) {
  agent
      .def(
          "handle_timeout",
          [](SharedAgent& it, const Now& now) {
            it.with([&](Agent& a) { a.handle_timeout(now); });
          },
          py::kw_only(), "now"_a, "Time passed: runs deadlines and makes what falls due.")
      .def(
          "handle_answer",
          [](SharedAgent& it, ByteView answer, const Now& now) {
            unwrap(it.with([&](Agent& a) { return a.handle_answer(answer, now); }));
          },
          "answer"_a, py::kw_only(), "now"_a,
          "Takes an answer, from the wire or from a file. A signed refusal is one, and no "
          "error.\n\n"
          "Raises the ladder's TrustError (RULES M8), and for an answer that verifies but comes "
          "too\n"
          "late the rows answer_unmatched and authorization_over; none of them changes a mode "
          "(E6).")
      .def(
          "handle_no_answer",
          [](SharedAgent& it, std::string_view code, std::optional<Ms> retry_after,
             const Now& now) {
            const Errc why = errc_of(code);
            it.with([&](Agent& a) { a.handle_no_answer(why, retry_after, now); });
          },
          "code"_a, py::kw_only(), "retry_after"_a = py::none(), "now"_a,
          "The online request got no valid answer (RULES E6): a row's `code` says why, for "
          "instance\n"
          "'unreachable'. retry_after: an unsigned hint, obeyed within the back-off's ceiling "
          "(E8).")
      .def(
          "poll_output",
          [](SharedAgent& it) { return it.with([](Agent& a) { return a.poll_output(); }); },
          "The next thing to do (Persist, Send or Notify), or None.");
}

PlainDict status_of(SharedAgent& agent) {
  const auto [state, licence, deadline] = agent.with([](Agent& a) {
    return std::tuple{a.state(), a.licence(), a.next_deadline()};
  });
  return agent_status(state, licence, deadline);
}

// A fact of the agent, as a function for a property.
template <class Get>
auto fact(Get get) {
  return [get](SharedAgent& it) { return it.with([&](const Agent& a) { return get(a); }); };
}

void add_facts(AgentClass& agent) {
  agent
      .def_property_readonly("mode", fact([](const Agent& a) { return a.mode(); }),
                             "The enforcement mode (RULES E1).")
      .def_property_readonly("enabled", fact([](const Agent& a) { return a.licence().enabled(); }),
                             "Whether smart licensing is enabled.")
      .def_property_readonly("registered",
                             fact([](const Agent& a) { return a.licence().registered(); }),
                             "Whether an ID certificate is held and has not ended (RULES E7).")
      .def_property_readonly("instance", fact([](const Agent& a) {
                               const auto& who = a.state().identity;
                               return who ? std::optional{who->instance} : std::nullopt;
                             }),
                             "The product instance's UUID, or None.")
      .def_property_readonly("trust", fact([](const Agent& a) { return a.state().trust; }),
                             "The pinned trust file, or None (RULES M14).")
      .def_property_readonly("pinned_pem", fact([](const Agent& a) {
                               std::string pem;
                               if (const auto& trust = a.state().trust) {
                                 for (const auto& root : trust->roots.roots()) pem += root.pem();
                               }
                               return pem;
                             }),
                             "The pinned roots as HttpClient takes them; empty: none are pinned.")
      .def_property_readonly("id_certificate", fact([](const Agent& a) {
                               const auto& who = a.state().identity;
                               return who ? std::optional{who->id_certificate} : std::nullopt;
                             }),
                             "The ID certificate, or None (S14).");
}

void add_times(AgentClass& agent) {
  agent
      .def_property_readonly("next_deadline",
                             fact([](const Agent& a) { return a.next_deadline(); }),
                             "When to call `handle_timeout`, in licensing time.")
      .def_property_readonly(
          "next_request", fact([](const Agent& a) { return a.next_request(); }),
          "When there may be something to send next, in licensing time; None if nothing will be.\n"
          "It leaves out the hourly save (T1) and deadlines that only change the mode (E3).")
      .def_property_readonly("coming", fact([](const Agent& a) { return a.licence().coming(); }),
                             "What the mode becomes, and when, if nothing more is heard or done:\n"
                             "mode_changed events in their order.")
      .def(
          "time",
          [](SharedAgent& it, const Now& now) {
            return it.with([&](const Agent& a) { return a.time(now); });
          },
          "now"_a, "Licensing time at `now` (RULES T1).")
      .def(
          "limit",
          [](SharedAgent& it, const Catalogue& catalogue) {
            return it.with([&](const Agent& a) { return a.limit(catalogue); });
          },
          "catalogue"_a,
          "The licensed calls per second (RULES C1); None: nothing was ever requested.")
      .def(
          "status", &status_of,
          "Everything an operator wants to know, as a dict of plain types: texts, numbers, bools,\n"
          "aware datetimes, timedeltas, None, and lists and dicts of these. All of it is stored\n"
          "and absolute, so two looks in a row are the same.")
      .def("__repr__", [](SharedAgent& it) {
        const auto [udi, mode] = it.with([](const Agent& a) {
          return std::pair{a.state().config.udi.to_string(), a.mode()};
        });
        return "<Agent " + udi + ", " + std::string{to_string(mode)} + ">";
      });
}

}  // namespace

void register_agent(py::module_& module) {
  register_catalogue(module);
  register_token(module);
  register_outputs(module);
  AgentClass agent{module, "Agent", agent_doc};
  add_life(agent);
  add_commands(agent);
  add_requests(agent);
  add_inputs(agent);
  add_facts(agent);
  add_times(agent);
}

}  // namespace smartlic::bindings
