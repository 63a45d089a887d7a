// The records of a ledger, the facts that a batch is decided on, and its changes (RULES P; DESIGN
// 3).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core_types.hpp"
#include "errors.hpp"
#include "guarded.hpp"
#include "ledger_words.hpp"
#include "licensing/administration.hpp"
#include "licensing/event_chain.hpp"
#include "licensing/ledger.hpp"
#include "licensing/ledger_codec.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace smartlic::bindings {
namespace {

using licensing::AppendEvent;
using licensing::ChainHead;
using licensing::Facts;
using licensing::InstanceRecord;
using licensing::InstanceStatus;
using licensing::LedgerEvent;
using licensing::PutInstance;
using licensing::SpendToken;
using licensing::TokenRecord;

using SharedFacts = Guarded<Facts>;

void register_token_record(py::module_& module) {
  py::class_<TokenRecord>(module, "TokenRecord",
                          "What is kept of a registration token: never its secret (RULES M5, P3).")
      .def(py::init([](std::string id, const identity::Sha256& secret_hash,
                       std::string virtual_account, std::optional<UtcTime> expires,
                       std::int64_t max_uses, std::int64_t uses, bool revoked) {
             return TokenRecord{std::move(id),
                                secret_hash,
                                std::move(virtual_account),
                                expires.value_or(never),
                                max_uses,
                                uses,
                                revoked};
           }),
           py::kw_only(), "id"_a, "secret_hash"_a, "virtual_account"_a, "expires"_a = py::none(),
           "max_uses"_a = 1, "uses"_a = 0, "revoked"_a = false)
      .def_readonly("id", &TokenRecord::id, "The token's ID.")
      .def_readonly("secret_hash", &TokenRecord::secret_hash, "SHA-256 of its secret.")
      .def_readonly("virtual_account", &TokenRecord::virtual_account, "Where it registers to.")
      .def_property_readonly(
          "expires",
          [](const TokenRecord& it) -> std::optional<UtcTime> {
            return it.expires == never ? std::nullopt : std::optional{it.expires};
          },
          "From when on it is refused, or None.")
      .def_readonly("max_uses", &TokenRecord::max_uses, "How many instances it registers.")
      .def_readonly("uses", &TokenRecord::uses, "How many it has registered.")
      .def_readonly("revoked", &TokenRecord::revoked, "By an administrator.")
      .def("__eq__", &equal<TokenRecord>, "other"_a)
      .def("__hash__", [](const TokenRecord& it) { return py::hash(py::str(it.id)); })
      .def("__repr__", [](const TokenRecord& it) {
        return "<TokenRecord " + it.id + ", " + std::to_string(it.uses) + " of " +
               std::to_string(it.max_uses) + " uses>";
      });
}

std::string_view status_name(InstanceStatus status) {
  constexpr std::array<std::string_view, 3> names{"active", "removed", "deregistered"};
  return names[static_cast<std::size_t>(status)];
}

// Thumbprints by which the instance is found (RULES M13).
std::vector<std::string> key_thumbprints(const InstanceRecord& record) {
  std::vector<std::string> out;
  for (const auto& each : {record.certificate, record.next_certificate}) {
    if (each) out.push_back(each->public_key().thumbprint());
  }
  return out;
}

std::vector<std::pair<std::string, std::int64_t>> usage_rows(const InstanceRecord& record) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  out.reserve(record.usage.size());
  for (const auto& [tag, count] : record.usage) out.emplace_back(tag, count);
  return out;
}

/// Adds the facts of a record that a store keeps beside its text; `get` finds the record.
template <class Class, class Get>
void add_record_facts(Class& target, Get get) {
  const auto fact = [get](auto member) {
    return [get, member](const typename Class::type& it) { return get(it).*member; };
  };
  const auto made = [get](auto make) {
    return [get, make](const typename Class::type& it) { return make(get(it)); };
  };
  target
      .def_property_readonly("instance", made([](const auto& r) { return r.instance.to_string(); }),
                             "The instance's UUID, as text.")
      .def_property_readonly("revision", fact(&InstanceRecord::revision),
                             "Rises with every change.")
      .def_property_readonly("status", made([](const auto& r) { return status_name(r.status); }),
                             "'active', or a tombstone: 'removed', 'deregistered'.")
      .def_property_readonly("virtual_account", fact(&InstanceRecord::virtual_account),
                             "Whose licences it uses.")
      .def_property_readonly("udi", fact(&InstanceRecord::udi), "`PID:<PID>,SN:<SN>`.")
      .def_property_readonly("software_tag", fact(&InstanceRecord::software_tag),
                             "The product's software ID tag.")
      .def_property_readonly("hostname", fact(&InstanceRecord::hostname), "Empty if not given.")
      .def_property_readonly("registered", fact(&InstanceRecord::registered), "When it was.")
      .def_property_readonly("last_seen", fact(&InstanceRecord::last_seen),
                             "The manager's time at its last request.")
      .def_property_readonly("key_thumbprints", made(&key_thumbprints),
                             "Of the keys of its certificates; an active one is found by them.")
      .def_property_readonly("certificate", fact(&InstanceRecord::certificate),
                             "The ID certificate in use, or None.")
      .def_property_readonly("usage", made(&usage_rows), "Pairs of a tag and its count (P1).")
      .def_property_readonly("usage_until", fact(&InstanceRecord::usage_until),
                             "When that usage ends (P1).")
      .def_property_readonly("authorization_end", fact(&InstanceRecord::authorization_end),
                             "Of the authorization's own period.")
      .def_property_readonly("out_of_compliance", fact(&InstanceRecord::out_of_compliance),
                             "What its last answer said.")
      .def_property_readonly("request_no", fact(&InstanceRecord::request_no),
                             "The highest number decided (M10).")
      .def_property_readonly("fork_suspected", fact(&InstanceRecord::fork_suspected),
                             "A copy was seen (M11).")
      .def_property_readonly("revoked", fact(&InstanceRecord::revoked),
                             "Its certificate, by an administrator.");
}

void register_instance_record(py::module_& module) {
  py::class_<InstanceRecord> record{module, "InstanceRecord",
                                    "One product instance as a manager keeps it."};
  record
      .def_static(
          "decode",
          [](const std::string& text) {
            return unwrap(without_gil([&] { return licensing::decode_instance(text); }));
          },
          "text"_a,
          "Reads what `encode` wrote. Raises StorageError (state_damaged, state_version).")
      .def(
          "encode", [](const InstanceRecord& it) { return licensing::encode(it); },
          "The whole record as JSON, for a store's opaque column.")
      .def(
          "administer",
          [](InstanceRecord& it, std::string_view command) {
            licensing::administer(it, instance_command_from(command));
          },
          "command"_a,
          "Carries an administrator's command out; the revision rises (RULES M9, M11): 'remove',\n"
          "'revoke-certificate', 'refuse-copies', 'serve-copies' or 'clear-suspicion'.\n\n"
          "Raises InputError for another.")
      .def("__eq__", &equal<InstanceRecord>, "other"_a)
      .def("__hash__",
           [](const InstanceRecord& it) { return py::hash(py::str(it.instance.to_string())); })
      .def("__repr__", [](const InstanceRecord& it) {
        return "<InstanceRecord " + it.instance.to_string() + ", revision " +
               std::to_string(it.revision) + ">";
      });
  add_record_facts(record, [](const InstanceRecord& it) -> const InstanceRecord& { return it; });
}

void register_events(py::module_& module) {
  py::class_<ChainHead>(module, "ChainHead", "The end of the event chain (RULES P4).")
      .def(py::init([](std::uint64_t sequence, const identity::Sha256& hash) {
             return ChainHead{sequence, hash};
           }),
           "sequence"_a = 0, "hash"_a = identity::Sha256{}, "Without arguments: no event yet.")
      .def_readonly("sequence", &ChainHead::sequence, "Of the newest event; 0: none.")
      .def_readonly("hash", &ChainHead::hash, "Its hash, 32 bytes.")
      .def("__eq__", &equal<ChainHead>, "other"_a)
      .def("__hash__", [](const ChainHead& it) { return py::hash(py::cast(it.hash)); })
      .def("__repr__",
           [](const ChainHead& it) { return "<ChainHead " + std::to_string(it.sequence) + ">"; });
  py::class_<LedgerEvent>(module, "LedgerEvent",
                          "An administrative or security event, a link of the chain (RULES P4).")
      .def(py::init([](std::uint64_t sequence, UtcTime at, std::string_view kind,
                       std::string subject, std::string text, const identity::Sha256& previous,
                       const identity::Sha256& hash) {
             return LedgerEvent{
                 sequence, at,  event_kind_from(kind), std::move(subject), std::move(text),
                 previous, hash};
           }),
           py::kw_only(), "sequence"_a, "at"_a, "kind"_a, "subject"_a, "text"_a, "previous"_a,
           "hash"_a, "As kept. Raises InputError for an unknown kind.")
      .def_readonly("sequence", &LedgerEvent::sequence, "From 1 on.")
      .def_readonly("at", &LedgerEvent::at, "The manager's time.")
      .def_property_readonly(
          "kind", [](const LedgerEvent& it) { return licensing::to_string(it.kind); },
          "'registered', 'duplicate_udi', 'fork_suspected', 'administration', …")
      .def_readonly("subject", &LedgerEvent::subject, "What it is about.")
      .def_readonly("text", &LedgerEvent::text, "For people.")
      .def_readonly("previous", &LedgerEvent::previous, "The hash of the link before.")
      .def_readonly("hash", &LedgerEvent::hash, "Over all of the above.")
      .def_property_readonly(
          "head",
          [](const LedgerEvent& it) {
            return ChainHead{it.sequence, it.hash};
          },
          "The chain's end when this was its newest event.")
      .def("__eq__", &equal<LedgerEvent>, "other"_a)
      .def("__hash__", [](const LedgerEvent& it) { return py::hash(py::cast(it.hash)); })
      .def("__repr__", [](const LedgerEvent& it) {
        return "<LedgerEvent " + std::to_string(it.sequence) + ", " +
               std::string{licensing::to_string(it.kind)} + ", " + it.subject + ">";
      });
}

void register_changes(py::module_& module) {
  py::class_<PutInstance> put{
      module, "PutInstance",
      "Put this record in place of the one with `expected_revision`; 0: there must be none."};
  put.def_readonly("expected_revision", &PutInstance::expected_revision, "The precondition.")
      .def_property_readonly(
          "record", [](const PutInstance& it) { return licensing::encode(it.record); },
          "The whole record as text: see InstanceRecord.decode.")
      .def("__repr__", [](const PutInstance& it) {
        return "<PutInstance " + it.record.instance.to_string() + ", revision " +
               std::to_string(it.record.revision) + ">";
      });
  add_record_facts(put, [](const PutInstance& it) -> const InstanceRecord& { return it.record; });
  py::class_<SpendToken>(module, "SpendToken", "Count one use of a token.")
      .def_readonly("id", &SpendToken::id, "Which token.")
      .def_readonly("expected_uses", &SpendToken::expected_uses,
                    "The precondition: its uses are still these.")
      .def("__repr__", [](const SpendToken& it) { return "<SpendToken " + it.id + ">"; });
  py::class_<AppendEvent>(module, "AppendEvent",
                          "Append to the chain, if its head is still `event.previous`.")
      .def_readonly("event", &AppendEvent::event, "The new link.")
      .def("__repr__", [](const AppendEvent& it) {
        return "<AppendEvent " + std::to_string(it.event.sequence) + ">";
      });
}

Uuid uuid_from(std::string_view text) { return unwrap(Uuid::parse(text)); }

Result<void> add_records(Facts& facts, const std::vector<std::string>& texts,
                         const std::vector<identity::Certificate>& known) {
  for (const auto& text : texts) {
    auto record = licensing::decode_instance(text, known);
    if (!record) return record.error();
    if (record->status == InstanceStatus::active) {
      for (auto& key : key_thumbprints(*record)) facts.instances_by_key[key] = record->instance;
      facts.instances_by_udi[record->udi].insert(record->instance);
    }
    const Uuid instance = record->instance;
    facts.instances.insert_or_assign(instance, *std::move(record));
  }
  return {};
}

constexpr auto facts_doc =
    R"(Records that a batch of requests is decided on, loaded by their queries.

`Manager.decide` brings them up to date, so later requests of the batch see the earlier ones. Load
them anew for each batch.

default_account: the virtual account of adopted instances (RULES M9).
head: the end of the event chain.)";

void register_facts(py::module_& module) {
  py::class_<SharedFacts>(module, "Facts", facts_doc)
      .def(py::init([](std::string default_account, const ChainHead& head) {
             Facts facts;
             facts.default_account = std::move(default_account);
             facts.head = head;
             return std::make_unique<SharedFacts>(std::move(facts));
           }),
           py::kw_only(), "default_account"_a, "head"_a)
      .def(
          "add_token",
          [](SharedFacts& it, TokenRecord token) {
            it.with([&](Facts& facts) {
              std::string id = token.id;
              facts.tokens.insert_or_assign(std::move(id), std::move(token));
            });
          },
          "token"_a, "A token of a query's `token_id`.")
      .def(
          "add_instances",
          [](SharedFacts& it, const std::vector<std::string>& records,
             const std::vector<identity::Certificate>& known) {
            unwrap(it.with([&](Facts& facts) { return add_records(facts, records, known); }));
          },
          "records"_a, py::kw_only(), "known"_a = std::vector<identity::Certificate>{},
          "Texts of the records of a query's `instance` and of its `key_thumbprint`.\n\n"
          "known: the signers of the batch, which save parsing the same certificates again.\n\n"
          "Raises StorageError (state_damaged, state_version).")
      .def(
          "add_udi",
          [](SharedFacts& it, std::string udi, std::string_view instance) {
            const Uuid uuid = uuid_from(instance);
            it.with([&](Facts& facts) { facts.instances_by_udi[std::move(udi)].insert(uuid); });
          },
          "udi"_a, "instance"_a, "An active instance with a query's `udi`, its UUID as text.")
      .def(
          "add_known_tag",
          [](SharedFacts& it, std::string tag) {
            it.with([&](Facts& facts) { facts.known_tags.insert(std::move(tag)); });
          },
          "tag"_a, "A tag of a query that the catalogue has; others are denied (RULES M9).")
      .def(
          "add_pool",
          [](SharedFacts& it, std::string virtual_account, std::string tag, std::int64_t purchased,
             std::int64_t in_use, bool blocked) {
            it.with([&](Facts& facts) {
              facts.pools[{std::move(virtual_account), std::move(tag)}] = {purchased, in_use,
                                                                           blocked};
            });
          },
          py::kw_only(), "virtual_account"_a, "tag"_a, "purchased"_a, "in_use"_a,
          "blocked"_a = false,
          "One for every account (of the instances and tokens, and the default one) and tag of "
          "the\n"
          "batch: what is valid now, what is used by instances whose usage has not ended (P1).")
      .def_property_readonly(
          "head", [](SharedFacts& it) { return it.with([](Facts& facts) { return facts.head; }); },
          "The end of the chain, decided events included.");
}

}  // namespace

void register_records(py::module_& module) {
  register_token_record(module);
  register_instance_record(module);
  register_events(module);
  register_changes(module);
  register_facts(module);
}

}  // namespace smartlic::bindings
