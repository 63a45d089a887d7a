#include "licensing/memory_ledger.hpp"

#include "licensing/event_chain.hpp"

namespace smartlic::licensing {
namespace {

bool has_key(const InstanceRecord& record, const std::string& thumbprint) {
  const auto is = [&](const std::optional<identity::Certificate>& certificate) {
    return certificate && certificate->public_key().thumbprint() == thumbprint;
  };
  return record.status == InstanceStatus::active &&
         (is(record.certificate) || is(record.next_certificate));
}

/// What a batch of changes has made of the ledger so far, to judge the next one by.
struct Overlay {
  ChainHead head;
  std::map<Uuid, std::uint64_t> revisions;
  std::map<std::string, std::int64_t> uses;
};

template <class Map, class Key, class Value>
Value value_or(const Map& map, const Key& key, Value fallback) {
  const auto found = map.find(key);
  return found == map.end() ? fallback : found->second;
}

}  // namespace

Facts MemoryLedger::load(std::span<const Examined> batch, UtcTime now) const {
  Facts out;
  out.default_account = default_account_;
  out.head = head();
  std::set<std::string> accounts{default_account_};
  for (const auto& [outcome, channel, query] : batch) {
    if (const auto token = tokens_.find(query.token_id); token != tokens_.end()) {
      out.tokens.insert(*token);
      accounts.insert(token->second.virtual_account);
    }
    for (const auto& [instance, record] : instances_) {
      const bool by_key = has_key(record, query.key_thumbprint);
      if (by_key) out.instances_by_key.emplace(query.key_thumbprint, instance);
      if (record.udi == query.udi && record.status == InstanceStatus::active) {
        out.instances_by_udi[query.udi].insert(instance);
      }
      if (!by_key && query.instance != instance) continue;
      out.instances.emplace(instance, record);
      accounts.insert(record.virtual_account);
    }
    for (const auto& tag : query.tags) {
      if (tags_.contains(tag)) out.known_tags.insert(tag);
    }
  }
  for (const auto& tag : out.known_tags) {
    for (const auto& account : accounts) {
      out.pools.emplace(PoolKey{account, tag}, pool({account, tag}, now));
    }
  }
  return out;
}

PoolFacts MemoryLedger::pool(const PoolKey& key, UtcTime now) const {
  const auto& [account, tag] = key;
  PoolFacts out;
  if (const auto found = accounts_.find(account); found != accounts_.end()) {
    out.blocked = found->second.blocked.contains(tag);
    const auto bought = found->second.purchases.find(tag);
    if (bought != found->second.purchases.end()) {
      out.purchased = rules::purchased_at(bought->second, now);
    }
  }
  for (const auto& [instance, record] : instances_) {
    if (record.virtual_account == account) out.in_use += usage_at(record, tag, now);
  }
  return out;
}

Result<void> MemoryLedger::check(std::span<const Change> changes) const {
  Overlay overlay{head(), {}, {}};
  const auto revision_of = [&](const Uuid& instance) {
    const auto record = instances_.find(instance);
    const std::uint64_t stored = record == instances_.end() ? 0 : record->second.revision;
    return value_or(overlay.revisions, instance, stored);
  };
  const auto uses_of = [&](const std::string& id) {
    const auto token = tokens_.find(id);
    const std::int64_t stored = token == tokens_.end() ? -1 : token->second.uses;
    return value_or(overlay.uses, id, stored);
  };
  for (const auto& change : changes) {
    if (const auto* put = std::get_if<PutInstance>(&change)) {
      const Uuid& instance = put->record.instance;
      if (revision_of(instance) != put->expected_revision) {
        return Error{Errc::conflict, "instance " + instance.to_string()};
      }
      overlay.revisions[instance] = put->record.revision;
    } else if (const auto* spend = std::get_if<SpendToken>(&change)) {
      if (uses_of(spend->id) != spend->expected_uses) {
        return Error{Errc::conflict, "token " + spend->id};
      }
      overlay.uses[spend->id] = spend->expected_uses + 1;
    } else {
      const auto& event = std::get<AppendEvent>(change).event;
      if (event.sequence != overlay.head.sequence + 1 || event.previous != overlay.head.hash) {
        return Error{Errc::conflict, "event " + std::to_string(event.sequence)};
      }
      overlay.head = {event.sequence, event.hash};
    }
  }
  return {};
}

Result<void> MemoryLedger::commit(std::span<const Change> changes) {
  if (auto checked = check(changes); !checked) return checked;
  for (const auto& change : changes) {
    if (const auto* put = std::get_if<PutInstance>(&change)) {
      instances_.insert_or_assign(put->record.instance, put->record);
    } else if (const auto* spend = std::get_if<SpendToken>(&change)) {
      ++tokens_.at(spend->id).uses;
    } else {
      events_.push_back(std::get<AppendEvent>(change).event);
    }
  }
  return {};
}

void MemoryLedger::add_tag(const std::string& tag, UtcTime at) {
  tags_.insert(tag);
  note(tag, "add tag to the catalogue", at);
}

Result<void> MemoryLedger::purchase(const std::string& account, const std::string& tag,
                                    const rules::Purchase& what, UtcTime at) {
  if (!tags_.contains(tag)) return Error{Errc::unknown_tag, tag};
  accounts_[account].purchases[tag].push_back(what);
  note(account, "purchase " + std::to_string(what.count) + " x " + tag, at);
  return {};
}

Result<void> MemoryLedger::set_blocked(const std::string& account, const std::string& tag,
                                       bool blocked, UtcTime at) {
  if (!tags_.contains(tag)) return Error{Errc::unknown_tag, tag};
  auto& set = accounts_[account].blocked;
  if (blocked) {
    set.insert(tag);
  } else {
    set.erase(tag);
  }
  note(account, (blocked ? "block " : "unblock ") + tag, at);
  return {};
}

Result<void> MemoryLedger::add_token(const TokenRecord& token, UtcTime at) {
  if (!tokens_.emplace(token.id, token).second) return Error{Errc::already_exists, token.id};
  note(token.id, "create token for " + token.virtual_account, at);
  return {};
}

Result<void> MemoryLedger::revoke_token(const std::string& id, UtcTime at) {
  const auto token = tokens_.find(id);
  if (token == tokens_.end()) return Error{Errc::not_found, "token " + id};
  token->second.revoked = true;
  note(id, "revoke token", at);
  return {};
}

Result<void> MemoryLedger::administer(const Uuid& instance, InstanceCommand command, UtcTime at) {
  const auto record = instances_.find(instance);
  if (record == instances_.end()) return Error{Errc::not_found, instance.to_string()};
  licensing::administer(record->second, command);
  note(instance.to_string(), std::string{to_string(command)}, at);
  return {};
}

std::vector<InventoryRow> MemoryLedger::inventory(const std::string& account, UtcTime now) const {
  std::vector<InventoryRow> out;
  for (const auto& tag : tags_) {
    const auto [purchased, in_use, blocked] = pool({account, tag}, now);
    if (purchased == 0 && in_use == 0) continue;
    out.push_back({tag, purchased, in_use, purchased - in_use});
  }
  return out;
}

ChainHead MemoryLedger::head() const {
  return events_.empty() ? ChainHead{} : ChainHead{events_.back().sequence, events_.back().hash};
}

void MemoryLedger::note(std::string subject, std::string text, UtcTime at) {
  auto end = head();
  events_.push_back(
      append(end, at, LedgerEventKind::administration, std::move(subject), std::move(text)));
}

Reply serve(Manager& manager, MemoryLedger& ledger, ByteView request, UtcTime now,
            Channel channel) {
  const std::vector<Examined> batch{manager.examine(request, channel)};
  auto facts = ledger.load(batch, now);
  auto verdict = std::move(manager.decide(batch, facts, now).front());
  // Nobody else writes here, so a conflict is a fault of ours.
  if (const auto committed = ledger.commit(verdict.changes); !committed) {
    verdict = manager.refuse(batch.front(), {Errc::internal, committed.error().message()}, now);
  }
  return manager.seal(verdict);
}

}  // namespace smartlic::licensing
