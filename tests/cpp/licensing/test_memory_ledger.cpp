// The ledger in memory, and registration tokens (RULES P1, P3, P4, F6).
#include "licensing/event_chain.hpp"
#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

class Ledger : public World {};

TEST_F(Ledger, F6_TheInventoryShowsPurchasedInUseAndBalance) {
  EXPECT_TRUE(ledger.inventory("default", now).empty());
  buy(2);
  buy(3, start + one_day);
  Device device = registered();
  authorize(device, 4);
  EXPECT_EQ(ledger.inventory("default", now), (std::vector<InventoryRow>{{cusp, 5, 4, 1}}));
  EXPECT_EQ(ledger.inventory("default", start + one_day),
            (std::vector<InventoryRow>{{cusp, 2, 4, -2}}));
  EXPECT_TRUE(ledger.inventory("lab", now).empty());
}

TEST_F(Ledger, P1_AccountsAreApart) {
  buy(2);
  Device device;
  take(device, as<message::RegisterAnswer>(ask(registration(device, token(1, never, "lab").text))));
  EXPECT_EQ(authorize(device, 1).status, message::ComplianceStatus::OutOfCompliance);
  EXPECT_EQ(in_use(now), 0);
  EXPECT_EQ(ledger.inventory("lab", now), (std::vector<InventoryRow>{{cusp, 0, 1, -1}}));
}

TEST_F(Ledger, P4_EveryCommandIsAnEventOfOneChain) {
  const Device device = registered();
  const auto known = token();
  const auto before = events(LedgerEventKind::administration);
  buy(1);
  ASSERT_TRUE(ledger.set_blocked("default", cusp, true, now));
  ASSERT_TRUE(ledger.set_blocked("default", cusp, false, now));
  ASSERT_TRUE(ledger.revoke_token(known.record.id, now));
  for (const auto command : {InstanceCommand::refuse_copies, InstanceCommand::serve_copies,
                             InstanceCommand::clear_suspicion, InstanceCommand::revoke_certificate,
                             InstanceCommand::remove}) {
    ASSERT_TRUE(ledger.administer(device.instance, command, now));
    EXPECT_EQ(ledger.events().back().text, to_string(command));
    EXPECT_EQ(ledger.events().back().subject, device.instance.to_string());
  }
  EXPECT_EQ(events(LedgerEventKind::administration), before + 9);
  EXPECT_TRUE(verify_chain(ledger.events()).intact);
  EXPECT_EQ(verify_chain(ledger.events()).head, ledger.head());
}

TEST_F(Ledger, WhatIsNotThereIsAnError) {
  EXPECT_EQ(ledger.purchase("default", "strange", {1}, now).error().code, Errc::unknown_tag);
  EXPECT_EQ(ledger.set_blocked("default", "strange", true, now).error().code, Errc::unknown_tag);
  EXPECT_EQ(ledger.revoke_token("strange", now).error().code, Errc::not_found);
  EXPECT_EQ(ledger.administer(Uuid{}, InstanceCommand::remove, now).error().code, Errc::not_found);
  EXPECT_EQ(ledger.add_token(token().record, now).error().code, Errc::already_exists);
}

TEST_F(Ledger, EachPreconditionIsChecked) {
  Device device = registered();
  const auto known = token();
  const auto before = ledger.events().size();
  auto head = ledger.head();
  const auto event = append(head, now, LedgerEventKind::registered, "a", "b");
  InstanceRecord changed = record(device);
  const std::uint64_t revision = changed.revision++;
  const std::vector<Change> good{AppendEvent{event}, SpendToken{known.record.id, 0},
                                 PutInstance{changed, revision}};
  auto stale_event = event;
  stale_event.previous[0] ^= 1;
  const std::vector<Change> bad{
      AppendEvent{stale_event},         AppendEvent{event},
      SpendToken{known.record.id, 0},   SpendToken{"strange", 0},
      SpendToken{known.record.id, 2},   PutInstance{record(device), 0},
      PutInstance{InstanceRecord{}, 1}, PutInstance{changed, revision},
  };
  for (std::size_t i = 0; i < bad.size(); ++i) {
    auto changes = good;
    changes.push_back(bad[i]);
    const auto result = ledger.commit(changes);
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().code, Errc::conflict);
    EXPECT_EQ(ledger.events().size(), before);
    EXPECT_EQ(ledger.tokens().at(known.record.id).uses, 0);
  }
  EXPECT_TRUE(ledger.commit(good));
}

TEST_F(Ledger, P4_AChangedRecordIsAConflictThatIsDecidedAgain) {
  Device device = registered();
  const auto request = authorization(device, 1);
  const std::vector<Examined> batch{manager->examine(request.bytes)};
  auto facts = ledger.load(batch, now);
  const auto verdict = manager->decide(batch, facts, now).front();
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::remove, now));
  EXPECT_EQ(ledger.commit(verdict.changes).error().code, Errc::conflict);
  EXPECT_EQ(code_of(ask(request)), Errc::instance_removed);
}

TEST_F(Ledger, P3_TokensAreShownOnceAndReadBack) {
  const auto made = *make_token(entropy, "lab", start, 3);
  EXPECT_EQ(made.record.virtual_account, "lab");
  EXPECT_EQ(made.record.max_uses, 3);
  EXPECT_EQ(made.record.expires, start);
  EXPECT_EQ(made.text.size(), 12U + 1 + 32);
  const auto parts = parse_token("  " + made.text + "\n");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->id, made.record.id);
  EXPECT_EQ(parts->secret_hash, made.record.secret_hash);
  EXPECT_NE(make_token(entropy, "lab")->text, made.text);
  for (const auto& wrong : {std::string{}, std::string{" "}, made.record.id, made.text + "A",
                            made.text.substr(1), made.text.substr(0, made.text.size() - 1)}) {
    EXPECT_EQ(parse_token(wrong).error().code, Errc::token_invalid) << wrong;
  }
  EXPECT_EQ(make_token(entropy, "lab", never, 0).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace smartlic::licensing::test
