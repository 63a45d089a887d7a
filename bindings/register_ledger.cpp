// The ledger in memory, tokens, and the event chain (RULES P).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "ledger_words.hpp"
#include "licensing/event_chain.hpp"
#include "licensing/memory_ledger.hpp"
#include "licensing/registration_token.hpp"
#include "register.hpp"
#include "shared_manager.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::ChainHead;
using licensing::ChainReport;
using licensing::Change;
using licensing::Checkpoint;
using licensing::Examined;
using licensing::Facts;
using licensing::InstanceRecord;
using licensing::InventoryRow;
using licensing::LedgerEvent;
using licensing::MemoryLedger;
using licensing::NewToken;
using licensing::TokenRecord;

using SharedLedger = Guarded<MemoryLedger>;

void register_new_token(py::module_& module) {
  py::class_<NewToken>(module, "NewToken", "A registration token just made (RULES P3).")
      .def_readonly("record", &NewToken::record, "What is kept.")
      .def_readonly("text", &NewToken::text, "What is shown, once: `<id>.<secret>`.");
  module.def(
      "make_token",
      [](identity::Entropy& entropy, std::string virtual_account, std::optional<UtcTime> expires,
         std::int64_t max_uses) {
        return unwrap(licensing::make_token(entropy, std::move(virtual_account),
                                            expires.value_or(never), max_uses));
      },
      "entropy"_a, py::kw_only(), "virtual_account"_a, "expires"_a = py::none(), "max_uses"_a = 1,
      "Makes a token. expires: from when on it is refused, or None.\n\n"
      "Raises InputError if it would have no use at all.");
}

void register_chain(py::module_& module) {
  module.def(
      "append_event",
      [](ChainHead head, UtcTime at, std::string_view kind, std::string subject, std::string text) {
        return licensing::append(head, at, event_kind_from(kind), std::move(subject),
                                 std::move(text));
      },
      "head"_a, py::kw_only(), "at"_a, "kind"_a, "subject"_a, "text"_a,
      "Makes the link after `head`; its own `.head` is the next. Raises InputError for its kind.");
  py::class_<ChainReport>(module, "ChainReport", "What a look at a chain showed (RULES P4).")
      .def_readonly("intact", &ChainReport::intact, "Whether nothing was found wrong.")
      .def_readonly("first_bad", &ChainReport::first_bad,
                    "The first sequence number that is wrong or missing, or None.")
      .def_readonly("head", &ChainReport::head, "Of the events looked at.")
      .def_readonly("sentence", &ChainReport::sentence, "What is proved, and what cannot be.");
  module.def(
      "verify_chain",
      [](const std::vector<LedgerEvent>& events, const std::vector<ChainHead>& known) {
        return without_gil([&] { return licensing::verify_chain(events, known); });
      },
      "events"_a, "known"_a = std::vector<ChainHead>{},
      "Checks events that follow one another. known: heads kept elsewhere, as in checkpoints.");
  py::class_<Checkpoint>(module, "Checkpoint", "A head of the chain that a manager vouched for.")
      .def(py::init([](const Uuid& manager, const ChainHead& head, UtcTime at) {
             return Checkpoint{manager, head, at};
           }),
           py::kw_only(), "manager"_a, "head"_a, "at"_a)
      .def_readonly("manager", &Checkpoint::manager, "Whose chain it is.")
      .def_readonly("head", &Checkpoint::head, "The end of the chain.")
      .def_readonly("at", &Checkpoint::at, "When.")
      .def("__eq__", &equal<Checkpoint>, "other"_a)
      .def("__hash__", [](const Checkpoint& it) { return py::hash(py::cast(it.head.hash)); });
  module.def(
      "sign_checkpoint",
      [](const Checkpoint& checkpoint, const identity::Signer& signing) {
        return unwrap(without_gil([&] { return sign_checkpoint(checkpoint, signing); }));
      },
      "checkpoint"_a, "signing"_a,
      "A signed message, to be kept where the manager's administrator cannot write.");
  module.def(
      "verify_checkpoint",
      [](ByteView message, const Uuid& manager, const identity::RootSet& roots) {
        return unwrap(
            without_gil([&] { return licensing::verify_checkpoint(message, manager, roots); }));
      },
      "message"_a, py::kw_only(), "manager"_a, "roots"_a,
      "Reads a checkpoint of this manager. Raises the ladder's TrustError (RULES M8).");
}

using LedgerClass = py::class_<SharedLedger>;

void add_administration(LedgerClass& ledger) {
  ledger
      .def(
          "add_tag",
          [](SharedLedger& it, const std::string& tag, UtcTime at) {
            it.with([&](MemoryLedger& l) { l.add_tag(tag, at); });
          },
          "tag"_a, py::kw_only(), "at"_a, "Puts a tag into the catalogue; others are denied (M9).")
      .def(
          "purchase",
          [](SharedLedger& it, const std::string& account, const std::string& tag,
             std::int64_t count, UtcTime start, std::optional<UtcTime> end, UtcTime at) {
            const rules::Purchase what{count, start, end.value_or(never)};
            unwrap(it.with([&](MemoryLedger& l) { return l.purchase(account, tag, what, at); }));
          },
          "account"_a, "tag"_a, "count"_a, py::kw_only(), "start"_a, "end"_a = py::none(), "at"_a,
          "Adds licences, valid in [start, end); end None: perpetual (P1). Raises InputError\n"
          "(unknown_tag).")
      .def(
          "set_blocked",
          [](SharedLedger& it, const std::string& account, const std::string& tag, bool blocked,
             UtcTime at) {
            unwrap(
                it.with([&](MemoryLedger& l) { return l.set_blocked(account, tag, blocked, at); }));
          },
          "account"_a, "tag"_a, "blocked"_a, py::kw_only(), "at"_a,
          "Denies a tag in one account, or no longer (M9). Raises InputError (unknown_tag).")
      .def(
          "add_token",
          [](SharedLedger& it, const TokenRecord& token, UtcTime at) {
            unwrap(it.with([&](MemoryLedger& l) { return l.add_token(token, at); }));
          },
          "token"_a, py::kw_only(), "at"_a, "Raises the row already_exists.")
      .def(
          "revoke_token",
          [](SharedLedger& it, const std::string& token_id, UtcTime at) {
            unwrap(it.with([&](MemoryLedger& l) { return l.revoke_token(token_id, at); }));
          },
          "token_id"_a, py::kw_only(), "at"_a, "Raises the row not_found.")
      .def(
          "administer",
          [](SharedLedger& it, const Uuid& instance, std::string_view command, UtcTime at) {
            const auto wanted = instance_command_from(command);
            unwrap(it.with([&](MemoryLedger& l) { return l.administer(instance, wanted, at); }));
          },
          "instance"_a, "command"_a, py::kw_only(), "at"_a,
          "As InstanceRecord.administer. Raises the row not_found.");
}

void add_contents(LedgerClass& ledger) {
  ledger
      .def(
          "inventory",
          [](SharedLedger& it, const std::string& account, UtcTime now) {
            return it.with([&](MemoryLedger& l) { return l.inventory(account, now); });
          },
          "account"_a, py::kw_only(), "now"_a, "Every tag purchased or in use there (F6).")
      .def_property_readonly(
          "instances",
          [](SharedLedger& it) {
            return it.with([](MemoryLedger& l) {
              std::vector<InstanceRecord> out;
              for (const auto& [instance, record] : l.instances()) out.push_back(record);
              return out;
            });
          },
          "All records, tombstones included.")
      .def_property_readonly(
          "tokens",
          [](SharedLedger& it) {
            return it.with([](MemoryLedger& l) {
              std::vector<TokenRecord> out;
              for (const auto& [id, token] : l.tokens()) out.push_back(token);
              return out;
            });
          },
          "All tokens.")
      .def_property_readonly(
          "events",
          [](SharedLedger& it) { return it.with([](MemoryLedger& l) { return l.events(); }); },
          "The event chain.")
      .def_property_readonly(
          "head",
          [](SharedLedger& it) { return it.with([](MemoryLedger& l) { return l.head(); }); },
          "The end of the chain.");
}

void add_service(LedgerClass& ledger) {
  ledger
      .def(
          "load",
          [](SharedLedger& it, const std::vector<Examined>& batch, UtcTime now) {
            return std::make_unique<Guarded<Facts>>(
                it.with([&](MemoryLedger& l) { return l.load(batch, now); }));
          },
          "batch"_a, py::kw_only(), "now"_a, "The records that a batch needs.")
      .def(
          "commit",
          [](SharedLedger& it, const std::vector<Change>& changes) {
            unwrap(it.with([&](MemoryLedger& l) { return l.commit(changes); }));
          },
          "changes"_a, "All of them or none. Raises StorageError (conflict).")
      .def(
          "serve",
          [](SharedLedger& it, SharedManager& manager, ByteView request, std::string_view channel,
             UtcTime now) {
            const auto way = channel_from(channel);
            auto reply = it.with([&](MemoryLedger& l) {
              const std::lock_guard one_at_a_time{manager.deciding};
              return licensing::serve(manager.manager, l, request, now, way);
            });
            return std::pair{reply.http_status, std::move(reply.body)};
          },
          "manager"_a, "request"_a, py::kw_only(), "channel"_a = "online", "now"_a,
          "One request from bytes to HTTP status and body: examine, load, decide, commit, seal.");
}

}  // namespace

void register_ledger(py::module_& module) {
  register_new_token(module);
  register_chain(module);
  py::class_<InventoryRow>(module, "InventoryRow", "A line of the inventory (F6).")
      .def_readonly("tag", &InventoryRow::tag, "The entitlement tag.")
      .def_readonly("purchased", &InventoryRow::purchased, "Valid now.")
      .def_readonly("in_use", &InventoryRow::in_use, "The sum of the requested counts (S7).")
      .def_readonly("balance", &InventoryRow::balance, "Below zero: an alert.")
      .def("__repr__", [](const InventoryRow& it) {
        return "<InventoryRow " + it.tag + ": " + std::to_string(it.in_use) + " of " +
               std::to_string(it.purchased) + ">";
      });
  LedgerClass ledger{
      module, "MemoryLedger",
      "A ledger in memory, for tests and simulation. `at`: the time of the event that a command "
      "leaves."};
  ledger.def(py::init([](std::string default_account) {
               return std::make_unique<SharedLedger>(MemoryLedger{std::move(default_account)});
             }),
             "default_account"_a = "default");
  add_administration(ledger);
  add_contents(ledger);
  add_service(ledger);
}

}  // namespace smartlic::bindings
