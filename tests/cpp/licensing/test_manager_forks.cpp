// RULES M11 at the manager: clones, restored snapshots, restored managers, lost answers.
#include "licensing/continuity.hpp"
#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

class ManagerForks : public World {
 protected:
  void refuse_forks() {
    ManagerPolicy policy;
    policy.refuse_forks = true;
    use_policy(policy);
  }
  /// Asks, and goes one above the highest number if that was stale, as agents do (M10).
  std::optional<Errc> try_authorize(Device& device) {
    auto answer = ask(authorization(device, 1));
    if (code_of(answer) == Errc::stale) {
      device.request_no = *as<message::Refusal>(answer).highest_request_no;
      answer = ask(authorization(device, 1));
    }
    if (const auto* granted = std::get_if<message::AuthorizeAnswer>(&answer)) {
      device.acked = granted->state;
    }
    return code_of(answer);
  }
};

TEST_F(ManagerForks, M11_LostAnswersAreNoFork) {
  Device device = registered();
  for (int lost = 0; lost < 3; ++lost) ask(authorization(device, 1));
  authorize(device, 1);
  for (int lost = 0; lost < 3; ++lost) ask(authorization(device, 1));
  authorize(device, 1);
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerForks, M11_ACloneIsSeenOnceAndServedByDefault) {
  Device a = registered();
  authorize(a, 1);
  Device b = a;
  EXPECT_EQ(try_authorize(a), std::nullopt);
  EXPECT_EQ(try_authorize(b), std::nullopt);  // from the same confirmed state: a lost answer's look
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
  EXPECT_EQ(try_authorize(a), std::nullopt);  // confirms its own, voids the clone's
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
  EXPECT_EQ(try_authorize(b), std::nullopt);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
  EXPECT_TRUE(record(a).fork_suspected);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(try_authorize(a), std::nullopt);
    EXPECT_EQ(try_authorize(b), std::nullopt);
  }
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
}

TEST_F(ManagerForks, M11_ARestoredSnapshotIsAFork) {
  Device device = registered();
  authorize(device, 1);
  Device snapshot = device;
  authorize(device, 1);
  authorize(device, 1);
  EXPECT_EQ(try_authorize(snapshot), std::nullopt);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
}

TEST_F(ManagerForks, M11_AStateOfBeforeTheFirstAnswerIsAForkToo) {
  Device device = registered();
  Device snapshot = device;
  authorize(device, 1);
  authorize(device, 1);
  EXPECT_EQ(try_authorize(snapshot), std::nullopt);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
}

TEST_F(ManagerForks, M11_ForksAreRefusedByPolicyUntilAnAdministratorActs) {
  refuse_forks();
  Device device = registered();
  authorize(device, 1);
  Device snapshot = device;
  authorize(device, 1);
  authorize(device, 2);
  EXPECT_EQ(try_authorize(snapshot), Errc::clone_refused);
  EXPECT_EQ(in_use(now), 0) << "P1: a dropping refusal";
  EXPECT_EQ(try_authorize(device), Errc::clone_refused) << "nobody knows which is the copy";
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
  EXPECT_EQ(events(LedgerEventKind::copy_refused), 1U) << "P4: the same refusal is told once";
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::clear_suspicion, now));
  EXPECT_EQ(try_authorize(snapshot), std::nullopt) << "the one that speaks next is the true one";
  EXPECT_EQ(try_authorize(snapshot), std::nullopt);
  EXPECT_EQ(try_authorize(device), Errc::clone_refused);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 2U);
}

TEST_F(ManagerForks, M11_AnAdministratorMayRefuseTheCopiesOfOneInstance) {
  Device device = registered();
  authorize(device, 1);
  Device snapshot = device;
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::refuse_copies, now));
  authorize(device, 1);
  authorize(device, 1);
  EXPECT_EQ(try_authorize(snapshot), Errc::clone_refused);
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::serve_copies, now));
  EXPECT_EQ(try_authorize(snapshot), std::nullopt);
}

TEST_F(ManagerForks, M11_ANewerStateMeansThatTheManagerWasRestored) {
  refuse_forks();
  Device device = registered();
  authorize(device, 1);
  const MemoryLedger backup = ledger;
  authorize(device, 1);
  authorize(device, 1);
  ledger = backup;
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::state_adopted), 1U);
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::state_adopted), 1U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerForks, M11_ANewerStateHasToBeAuthenticAndTheInstancesOwn) {
  Device device = registered("A"), other = registered("B");
  authorize(device, 1);
  authorize(device, 1);
  other.request_no = 8;
  authorize(other, 1);
  device.acked = other.acked;
  EXPECT_EQ(try_authorize(device), std::nullopt);
  EXPECT_EQ(events(LedgerEventKind::state_adopted), 0U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 1U);
}

TEST_F(ManagerForks, M11_AStateSaysItsNumberToItsManagerAlone) {
  const Bytes key(32, 7), strange(32, 8);
  const Uuid a = entropy.uuid(), b = entropy.uuid();
  const auto state = make_state(key, a, 0x0102030405060708, entropy);
  EXPECT_EQ(state.size(), 43U);
  EXPECT_EQ(read_state(key, a, state), 0x0102030405060708U);
  EXPECT_EQ(read_state(strange, a, state), std::nullopt);
  EXPECT_EQ(read_state(key, b, state), std::nullopt);
  EXPECT_EQ(read_state(key, a, ""), std::nullopt);
  EXPECT_EQ(read_state(key, a, state.substr(0, 40)), std::nullopt);
  EXPECT_NE(make_state(key, a, 1, entropy), make_state(key, a, 1, entropy));
  auto changed = state;
  changed.front() = changed.front() == 'A' ? 'B' : 'A';
  EXPECT_EQ(read_state(key, a, changed), std::nullopt);
}

TEST_F(ManagerForks, M11_TheNewest256StatesAreRemembered) {
  InstanceRecord record;
  for (int i = 0; i <= 256; ++i) add_issued_state(record, std::to_string(i));
  EXPECT_EQ(record.issued_states.size(), 256U);
  EXPECT_EQ(record.issued_states.front(), "1");
  EXPECT_EQ(record.issued_states.back(), "256");
}

}  // namespace
}  // namespace smartlic::licensing::test
