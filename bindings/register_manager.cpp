// The manager in its three steps (RULES M, P; DESIGN 3).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "ledger_words.hpp"
#include "licensing/manager.hpp"
#include "register.hpp"
#include "shared_manager.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::Channel;
using licensing::Examined;
using licensing::Facts;
using licensing::ManagerIdentity;
using licensing::ManagerPolicy;
using licensing::Query;
using licensing::Verdict;
using std::chrono::seconds;

using Reply = std::pair<int, Bytes>;

void register_manager_identity(py::module_& module) {
  py::class_<ManagerIdentity>(
      module, "ManagerIdentity",
      "Who a manager is: what all processes on one ledger share. The root's key is not in it.")
      .def(py::init([](const Uuid& manager, identity::RootSet roots, identity::Signer signing,
                       std::optional<message::RootsUpdate> roots_update, const Bytes32& state_key,
                       std::string logical_account) {
             return ManagerIdentity{manager,
                                    std::move(roots),
                                    std::move(signing),
                                    std::move(roots_update),
                                    {state_key.begin(), state_key.end()},
                                    std::move(logical_account)};
           }),
           py::kw_only(), "manager"_a, "roots"_a, "signing"_a, "roots_update"_a = py::none(),
           "state_key"_a, "logical_account"_a)
      .def_readonly("manager", &ManagerIdentity::manager, "Its UUID (RULES M4).")
      .def_readonly("roots", &ManagerIdentity::roots, "The root set of its devices (M2).")
      .def_readonly("signing", &ManagerIdentity::signing,
                    "The newest signing certificate and its key (M3).")
      .def_readonly("roots_update", &ManagerIdentity::roots_update,
                    "A newer root set that its answers spread, or None (M2).")
      .def_readonly("state_key", &ManagerIdentity::state_key,
                    "32 secret bytes that authenticate the states of M11.")
      .def_readonly("logical_account", &ManagerIdentity::logical_account,
                    "Its hash is in ID certificates (S14).")
      .def("__repr__", [](const ManagerIdentity& it) {
        return "<ManagerIdentity " + it.manager.to_string() + ">";
      });
}

ManagerPolicy policy_from(Ms certificate, Ms authorization, Ms renew_interval,
                          Ms retry_in_compliance, Ms retry_out_of_compliance, Ms clock_tolerance,
                          Ms export_validity, Ms late_renewal, bool refuse_forks) {
  ManagerPolicy policy;
  policy.certificate = certificate;
  policy.authorization = authorization;
  policy.renew_interval = renew_interval;
  policy.retry_in_compliance = std::chrono::floor<seconds>(retry_in_compliance);
  policy.retry_out_of_compliance = std::chrono::floor<seconds>(retry_out_of_compliance);
  policy.clock_tolerance = clock_tolerance;
  policy.export_validity = export_validity;
  policy.late_renewal = late_renewal;
  policy.refuse_forks = refuse_forks;
  return policy;
}

void register_policy(py::module_& module) {
  const ManagerPolicy usual;
  py::class_<ManagerPolicy>(module, "ManagerPolicy", "What an administrator may set.")
      .def(py::init(&policy_from), py::kw_only(), "certificate"_a = usual.certificate,
           "authorization"_a = usual.authorization, "renew_interval"_a = usual.renew_interval,
           "retry_in_compliance"_a = Ms{usual.retry_in_compliance},
           "retry_out_of_compliance"_a = Ms{usual.retry_out_of_compliance},
           "clock_tolerance"_a = usual.clock_tolerance, "export_validity"_a = usual.export_validity,
           "late_renewal"_a = usual.late_renewal, "refuse_forks"_a = usual.refuse_forks)
      .def_readonly("certificate", &ManagerPolicy::certificate, "An ID certificate's life (S14).")
      .def_readonly("authorization", &ManagerPolicy::authorization,
                    "The authorization period (D3, E5); agents have to agree on it.")
      .def_readonly("renew_interval", &ManagerPolicy::renew_interval, "Renew after this (D1).")
      .def_property_readonly(
          "retry_in_compliance", [](const ManagerPolicy& it) { return Ms{it.retry_in_compliance}; },
          "Ask again after this while in compliance (E8); whole seconds.")
      .def_property_readonly(
          "retry_out_of_compliance",
          [](const ManagerPolicy& it) { return Ms{it.retry_out_of_compliance}; },
          "The same while out of compliance (D7).")
      .def_readonly("clock_tolerance", &ManagerPolicy::clock_tolerance,
                    "How far off an online request's time may be (M10).")
      .def_readonly("export_validity", &ManagerPolicy::export_validity,
                    "How old an exported request may be (M12).")
      .def_readonly("late_renewal", &ManagerPolicy::late_renewal,
                    "How long after its end a certificate may still be renewed (E7).")
      .def_readonly("refuse_forks", &ManagerPolicy::refuse_forks,
                    "Refuse copies, rather than serve them and raise an alarm (M11).");
}

std::string_view channel_name(const Examined& examined) {
  return examined.channel == Channel::online ? "online" : "exported";
}

std::optional<std::string_view> request_kind(const Examined& examined) {
  const auto* opened = std::get_if<message::OpenedRequest>(&examined.outcome);
  return opened != nullptr ? std::optional{to_string(opened->kind)} : std::nullopt;
}

std::optional<identity::Certificate> signer(const Examined& examined) {
  const auto* opened = std::get_if<message::OpenedRequest>(&examined.outcome);
  return opened == nullptr ? std::nullopt : opened->id_certificate;
}

std::optional<std::string_view> failure_code(const Examined& examined) {
  const auto* failure = std::get_if<message::RequestFailure>(&examined.outcome);
  return failure != nullptr ? std::optional{to_string(failure->error.code)} : std::nullopt;
}

void register_examined(py::module_& module) {
  py::class_<Query>(module, "Query", "Which records one request needs; empty texts mean none.")
      .def_property_readonly(
          "instance",
          [](const Query& it) {
            return it.instance ? std::optional{it.instance->to_string()} : std::nullopt;
          },
          "The signer's UUID as text, or None: its record is wanted.")
      .def_readonly("token_id", &Query::token_id, "register: the token is wanted.")
      .def_readonly("key_thumbprint", &Query::key_thumbprint,
                    "register, renew: the active instance with this key is wanted.")
      .def_readonly("udi", &Query::udi, "register: active instances with this UDI are wanted.")
      .def_readonly("tags", &Query::tags, "authorize: the pools of these tags are wanted.")
      .def("__eq__", &equal<Query>, "other"_a)
      .def("__hash__", [](const Query& it) { return py::hash(py::str(it.key_thumbprint)); });
  py::class_<Examined>(module, "Examined",
                       "A request, verified as far as it can be without records or a clock.")
      .def_readonly("query", &Examined::query, "The records that `decide` needs.")
      .def_property_readonly("channel", &channel_name, "'online' or 'exported'.")
      .def_property_readonly("kind", &request_kind,
                             "'register', 'authorize', 'renew' or 'deregister'; None if it failed.")
      .def_property_readonly("signer", &signer,
                             "The ID certificate that signed it; None if it failed, or registers.")
      .def_property_readonly("failed", &failure_code,
                             "The rung that refused it, as an error code; or None (RULES M8).")
      .def("__repr__", [](const Examined& it) {
        return "<Examined " + std::string{request_kind(it).value_or("failed")} + ">";
      });
}

std::optional<std::string_view> answer_kind(const Verdict& verdict) {
  if (!verdict.answer) return std::nullopt;
  return message::answer_types[verdict.answer->index()];
}

void register_verdict(py::module_& module) {
  py::class_<Verdict>(module, "Verdict",
                      "A decision. Its changes are committed before `seal` makes it leave.")
      .def_property_readonly("kind", &answer_kind,
                             "'registered', 'authorized', 'renewed', 'deregistered' or 'refused';\n"
                             "None: an unsigned error, for the request was not for us (RULES M9).")
      .def_property_readonly(
          "refused",
          [](const Verdict& it) {
            return it.error ? std::optional{to_string(it.error->code)} : std::nullopt;
          },
          "The error code, signed or not; or None.")
      .def_property_readonly(
          "reason",
          [](const Verdict& it) {
            return it.error ? std::optional{it.error->message()} : std::nullopt;
          },
          "Why, for people; or None.")
      .def_readonly("changes", &Verdict::changes,
                    "PutInstance, SpendToken and AppendEvent, in their order.")
      .def("__repr__", [](const Verdict& it) {
        return "<Verdict " + std::string{answer_kind(it).value_or("unsigned error")} + ", " +
               std::to_string(it.changes.size()) + " changes>";
      });
}

std::vector<Examined> examine(const SharedManager& it, const std::vector<Bytes>& messages,
                              std::string_view channel) {
  const Channel way = channel_from(channel);
  return without_gil([&] {
    std::vector<Examined> out;
    out.reserve(messages.size());
    for (const auto& each : messages) out.push_back(it.manager.examine(each, way));
    return out;
  });
}

Reply seal_one(const SharedManager& it, const Verdict& verdict) {
  auto reply = it.manager.seal(verdict);
  return {reply.http_status, std::move(reply.body)};
}

std::vector<Reply> seal(const SharedManager& it, const std::vector<Verdict>& verdicts) {
  return without_gil([&] {
    std::vector<Reply> out;
    out.reserve(verdicts.size());
    for (const auto& each : verdicts) out.push_back(seal_one(it, each));
    return out;
  });
}

std::vector<Verdict> decide(SharedManager& it, const std::vector<Examined>& batch,
                            Guarded<Facts>& facts, UtcTime now) {
  return facts.with([&](Facts& known) {
    const std::lock_guard one_at_a_time{it.deciding};
    return it.manager.decide(batch, known, now);
  });
}

Verdict refuse(const SharedManager& it, const Examined& examined, std::string_view code,
               UtcTime now) {
  const auto row = errc_from(code);
  if (!row) throw_error({Errc::invalid_argument, "no such error code: " + std::string{code}});
  return it.manager.refuse(examined, {*row, {}}, now);
}

constexpr auto manager_doc = R"(The manager, without I/O, in three steps over a batch (DESIGN 3).

`examine` verifies the bytes and says by `.query` which records it needs; the store loads these as
`Facts`; `decide` gives verdicts with their changes; the store commits them, or on a conflict loads
and decides again; then `seal` signs the answers. Threads may share one: `examine` and `seal` run at
once, without the GIL; `decide` waits for its turn.

seed: 32 bytes of entropy, for UUIDs and serial numbers.)";

void register_steps(py::module_& module) {
  py::class_<SharedManager>(module, "Manager", manager_doc)
      .def(py::init<ManagerIdentity, const ManagerPolicy&, const identity::Entropy::Seed&>(),
           "identity"_a, py::kw_only(), py::arg_v("policy", ManagerPolicy{}, "ManagerPolicy()"),
           "seed"_a)
      .def_property_readonly(
          "identity", [](const SharedManager& it) { return it.manager.identity(); }, "Who it is.")
      .def_property_readonly(
          "policy", [](const SharedManager& it) { return it.manager.policy(); }, "Its policy.")
      .def(
          "examine",
          [](const SharedManager& it, ByteView message, std::string_view channel) {
            const Channel way = channel_from(channel);
            return without_gil([&] { return it.manager.examine(message, way); });
          },
          "message"_a, py::kw_only(), "channel"_a = "online",
          "Verifies one request up to the rung binding (RULES M8). Whatever is wrong with it is "
          "in\n"
          "the outcome. channel: 'online', or 'exported' for a file (M12).")
      .def("examine", &examine, "messages"_a, py::kw_only(), "channel"_a = "online",
           "The same for many.")
      .def("decide", &decide, "batch"_a, "facts"_a, py::kw_only(), "now"_a,
           "Decides examined requests in their order at the manager's time `now`, and brings "
           "`facts`\n"
           "up to date.")
      .def("refuse", &refuse, "examined"_a, "code"_a, py::kw_only(), "now"_a,
           "Refuses a request that no decision could be made on or kept: 'busy' or 'internal'.\n\n"
           "Raises InputError for what is no error code.")
      .def(
          "seal",
          [](const SharedManager& it, const Verdict& verdict) {
            return without_gil([&] { return seal_one(it, verdict); });
          },
          "verdict"_a,
          "Signs an answer: HTTP status and body. Any status but 200 is unsigned (M14).")
      .def("seal", &seal, "verdicts"_a, "The same for many.")
      .def("__repr__", [](const SharedManager& it) {
        return "<Manager " + it.manager.identity().manager.to_string() + ">";
      });
}

}  // namespace

void register_manager(py::module_& module) {
  register_manager_identity(module);
  register_policy(module);
  register_examined(module);
  register_verdict(module);
  register_steps(module);
}

}  // namespace smartlic::bindings
