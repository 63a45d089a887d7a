#pragma once
// A ledger in memory, for tests and simulation (DESIGN 3). Behaves as the one in a database does.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "licensing/administration.hpp"
#include "licensing/ledger.hpp"
#include "licensing/manager.hpp"
#include "rules/pool.hpp"

namespace smartlic::licensing {

/// A line of the inventory (F6): `balance` below zero is an alert.
struct InventoryRow {
  std::string tag;
  std::int64_t purchased = 0;
  std::int64_t in_use = 0;
  std::int64_t balance = 0;
  friend bool operator==(const InventoryRow&, const InventoryRow&) = default;
};

/// Not thread-safe. Every command of the administrator appends an event (P4); `at` is its time.
class MemoryLedger {
 public:
  explicit MemoryLedger(std::string default_account = "default")
      : default_account_{std::move(default_account)} {}

  /// The records that a batch needs, and pools as they are at `now`.
  [[nodiscard]] Facts load(std::span<const Examined> batch, UtcTime now) const;
  /// All changes or none. Errors: `conflict` if a precondition fails.
  Result<void> commit(std::span<const Change> changes);

  // The administrator's commands.
  /// Puts a tag into the catalogue; others are denied (M9).
  void add_tag(const std::string& tag, UtcTime at);
  /// Errors: `unknown_tag`.
  Result<void> purchase(const std::string& account, const std::string& tag,
                        const rules::Purchase& what, UtcTime at);
  /// M9: denies a tag of the catalogue in one account, or no longer. Errors: `unknown_tag`.
  Result<void> set_blocked(const std::string& account, const std::string& tag, bool blocked,
                           UtcTime at);
  /// Errors: `already_exists`.
  Result<void> add_token(const TokenRecord& token, UtcTime at);
  /// Errors: `not_found`.
  Result<void> revoke_token(const std::string& id, UtcTime at);
  /// Errors: `not_found`.
  Result<void> administer(const Uuid& instance, InstanceCommand command, UtcTime at);

  // What is there.
  /// Every tag that is purchased or in use in the account, in the order of their names (F6).
  [[nodiscard]] std::vector<InventoryRow> inventory(const std::string& account, UtcTime now) const;
  [[nodiscard]] const std::map<Uuid, InstanceRecord>& instances() const { return instances_; }
  [[nodiscard]] const std::map<std::string, TokenRecord>& tokens() const { return tokens_; }
  [[nodiscard]] const std::vector<LedgerEvent>& events() const { return events_; }
  [[nodiscard]] ChainHead head() const;

 private:
  struct Account {
    std::map<std::string, std::vector<rules::Purchase>> purchases;  // by tag
    std::set<std::string> blocked;
  };

  [[nodiscard]] PoolFacts pool(const PoolKey& key, UtcTime now) const;
  [[nodiscard]] Result<void> check(std::span<const Change> changes) const;
  void note(std::string subject, std::string text, UtcTime at);

  std::string default_account_;
  std::set<std::string> tags_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, TokenRecord> tokens_;
  std::map<Uuid, InstanceRecord> instances_;
  std::vector<LedgerEvent> events_;
};

/// One request from bytes to bytes: examine, load, decide, commit, seal.
[[nodiscard]] Reply serve(Manager& manager, MemoryLedger& ledger, ByteView request, UtcTime now,
                          Channel channel = Channel::online);

}  // namespace smartlic::licensing
