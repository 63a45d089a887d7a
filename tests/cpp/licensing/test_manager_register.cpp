// RULES M5, M13 and P3 at the manager.
#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

using message::RegisterAnswer;

class ManagerRegister : public World {};

TEST_F(ManagerRegister, M5_AnswersAsS13) {
  const Device device;
  const auto answer = as<RegisterAnswer>(ask(registration(device, token().text)));
  EXPECT_EQ(answer.virtual_account, "default");
  EXPECT_EQ(answer.issued.renew_interval, 180 * one_day);
  EXPECT_EQ(answer.issued.signing_certificate, authority.identity.signing.certificate);
  const auto& certificate = answer.issued.id_certificate;
  EXPECT_EQ(certificate.urn_uuid(), answer.instance);
  EXPECT_EQ(certificate.subject_serial_number(), "PID:CUSP,SN:ABCDEFGHIJK");
  EXPECT_EQ(certificate.not_after(), now + 360 * one_day);
  EXPECT_EQ(certificate.public_key(), device.key.public_key());
  EXPECT_EQ(certificate.domain_hash(), identity::account_hash("default"));
  const auto& kept = ledger.instances().at(answer.instance);
  EXPECT_EQ(kept.hostname, "host");
  EXPECT_EQ(kept.registered, now);
  EXPECT_EQ(events(LedgerEventKind::registered), 1U);
}

TEST_F(ManagerRegister, M5_TheTokenHasToBeKnownAndProved) {
  const Device device;
  const auto known = token();
  const auto strange = *make_token(entropy, "default");
  EXPECT_EQ(code_of(ask(registration(device, strange.text))), Errc::token_unknown);
  const auto forged = known.record.id + strange.text.substr(strange.text.find('.'));
  EXPECT_EQ(code_of(ask(registration(device, forged))), Errc::token_invalid);
  EXPECT_TRUE(ledger.instances().empty());
  EXPECT_EQ(ledger.tokens().at(known.record.id).uses, 0);
}

TEST_F(ManagerRegister, P3_ExpiryIsReachedAtItsInstant) {
  const auto expiring = token(2, start + one_day);
  now = start + one_day - tick;
  EXPECT_FALSE(code_of(ask(registration(Device{}, expiring.text))));
  now += tick;
  EXPECT_EQ(code_of(ask(registration(Device{}, expiring.text))), Errc::token_expired);
}

TEST_F(ManagerRegister, P3_UsesAreCounted) {
  const auto twice = token(2);
  EXPECT_FALSE(code_of(ask(registration(Device{}, twice.text))));
  EXPECT_FALSE(code_of(ask(registration(Device{}, twice.text))));
  EXPECT_EQ(code_of(ask(registration(Device{}, twice.text))), Errc::token_used_up);
  EXPECT_EQ(ledger.tokens().at(twice.record.id).uses, 2);
}

TEST_F(ManagerRegister, P3_RevokedTokensBuyNothing) {
  const auto revoked = token();
  ASSERT_TRUE(ledger.revoke_token(revoked.record.id, now));
  EXPECT_EQ(code_of(ask(registration(Device{}, revoked.text))), Errc::token_revoked);
}

TEST_F(ManagerRegister, P3_TwoRequestsOfOneBatchRaceForASingleUse) {
  const auto single = token();
  const Device a, b;
  const auto first = registration(a, single.text);
  const auto second = registration(b, single.text);
  const std::vector<Examined> batch{manager->examine(first.bytes), manager->examine(second.bytes)};
  auto facts = ledger.load(batch, now);
  const auto verdicts = manager->decide(batch, facts, now);
  EXPECT_FALSE(code_of(*verdicts[0].answer));
  EXPECT_EQ(code_of(*verdicts[1].answer), Errc::token_used_up);
  EXPECT_EQ(verdicts[1].error->code, Errc::token_used_up);
  EXPECT_TRUE(verdicts[1].changes.empty());
}

TEST_F(ManagerRegister, P3_AConflictIsDecidedAgain) {
  const auto single = token();
  const Device a, b;
  const std::vector<Examined> batch{manager->examine(registration(a, single.text).bytes)};
  auto facts = ledger.load(batch, now);
  const auto verdict = manager->decide(batch, facts, now).front();
  EXPECT_FALSE(code_of(ask(registration(b, single.text))));  // another manager was faster
  const auto committed = ledger.commit(verdict.changes);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Errc::conflict);
  EXPECT_EQ(ledger.instances().size(), 1U) << "a commit that fails changes nothing";
  auto again = ledger.load(batch, now);
  EXPECT_EQ(code_of(*manager->decide(batch, again, now).front().answer), Errc::token_used_up);
}

TEST_F(ManagerRegister, M13_ALostAnswerIsGivenAgainAndSpendsNothing) {
  const Device device;
  const auto single = token(1, start + one_day);
  const auto first = as<RegisterAnswer>(ask(registration(device, single.text)));
  now += one_day;  // expired and used up by now, which comes after the match
  const auto again = as<RegisterAnswer>(ask(registration(device, single.text)));
  EXPECT_EQ(again.instance, first.instance);
  EXPECT_EQ(again.issued, first.issued);
  EXPECT_EQ(ledger.tokens().at(single.record.id).uses, 1);
  EXPECT_EQ(events(LedgerEventKind::registered), 1U);
}

TEST_F(ManagerRegister, M13_TheMatchNeedsTheProof) {
  const Device device;
  const auto single = token();
  as<RegisterAnswer>(ask(registration(device, single.text)));
  const auto strange = *make_token(entropy, "default");
  const auto forged = single.record.id + strange.text.substr(strange.text.find('.'));
  EXPECT_EQ(code_of(ask(registration(device, forged))), Errc::token_invalid);
}

TEST_F(ManagerRegister, M13_TheMatchEndsWithTheFirstMessage) {
  Device device;
  const auto single = token();
  take(device, as<RegisterAnswer>(ask(registration(device, single.text))));
  authorize(device, 1);
  EXPECT_EQ(code_of(ask(registration(device, single.text))), Errc::token_used_up);
}

TEST_F(ManagerRegister, M13_TheMatchEndsWithRemovalAndDeregistration) {
  Device device;
  const auto many = token(9);
  take(device, as<RegisterAnswer>(ask(registration(device, many.text))));
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::remove, now));
  const auto second = as<RegisterAnswer>(ask(registration(device, many.text)));
  EXPECT_NE(second.instance, device.instance);
  take(device, second);
  as<message::DeregisterAnswer>(ask(deregistration(device)));
  const auto third = as<RegisterAnswer>(ask(registration(device, many.text)));
  EXPECT_NE(third.instance, second.instance);
  EXPECT_EQ(ledger.tokens().at(many.record.id).uses, 3);
}

TEST_F(ManagerRegister, M13_WithinOneBatchToo) {
  Device device = registered();
  const auto gone = deregistration(device);
  const auto again = registration(device, token().text);
  const std::vector<Examined> batch{manager->examine(gone.bytes), manager->examine(again.bytes)};
  auto facts = ledger.load(batch, now);
  const auto verdicts = manager->decide(batch, facts, now);
  EXPECT_NE(as<RegisterAnswer>(*verdicts[1].answer).instance, device.instance);
}

TEST_F(ManagerRegister, M13_AcrossANewSigningCertificateNothingIsSpentEither) {
  const Device device;
  const auto single = token();
  const auto first = as<RegisterAnswer>(ask(registration(device, single.text)));
  renew_manager(*rotate_signing(authority.root, authority.identity, now), {});
  const auto again = as<RegisterAnswer>(ask(registration(device, single.text)));
  EXPECT_EQ(again.instance, first.instance);
  EXPECT_NE(again.issued.id_certificate, first.issued.id_certificate);
  EXPECT_EQ(again.issued.signing_certificate, manager->identity().signing.certificate);
  EXPECT_EQ(ledger.tokens().at(single.record.id).uses, 1);
  EXPECT_EQ(as<RegisterAnswer>(ask(registration(device, single.text))).issued, again.issued);
}

TEST_F(ManagerRegister, P3_TheSameKeyWithAnotherTokenIsTheSameInstance) {
  Device device = registered();
  authorize(device, 2);
  Device again = device;
  const auto other = token(1, never, "lab");
  take(again, as<RegisterAnswer>(ask(registration(again, other.text))));
  EXPECT_EQ(again.instance, device.instance);
  EXPECT_NE(again.issued->id_certificate, device.issued->id_certificate);
  EXPECT_EQ(ledger.tokens().at(other.record.id).uses, 1);
  EXPECT_EQ(record(device).virtual_account, "lab");
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 0U);
  // M13: repeated, it is given again; and the old certificate holds until the new one is used.
  EXPECT_EQ(as<RegisterAnswer>(ask(registration(again, other.text))).issued, again.issued);
  EXPECT_EQ(ledger.tokens().at(other.record.id).uses, 1);
  authorize(device, 2);
  again.request_no = device.request_no;
  again.acked.clear();  // M11 begins anew
  authorize(again, 2);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
  ++device.request_no;
  EXPECT_EQ(code_of(ask(authorization(device, 2))), Errc::certificate_superseded);
}

TEST_F(ManagerRegister, P3_TheSameUdiWithANewKeyIsAnotherInstanceAndAnEvent) {
  Device first = registered("SAME");
  Device second = registered("SAME");
  EXPECT_NE(first.instance, second.instance);
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 1U);
  authorize(first, 1);  // nothing was taken over
  authorize(second, 1);
  registered("OTHER");
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 1U);
}

TEST_F(ManagerRegister, P3_TheSameKeyUnderAnotherUdiIsTheSameInstanceUnderThatUdi) {
  Device device = registered("FIRST");
  registered("SECOND");
  device.udi.serial = "SECOND";  // a container with an injected key, made anew (S12)
  const auto answer = as<RegisterAnswer>(ask(registration(device, token().text)));
  EXPECT_EQ(answer.instance, device.instance);
  EXPECT_EQ(answer.issued.id_certificate.subject_serial_number(), "PID:CUSP,SN:SECOND");
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 1U);
  registered("FIRST");
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 1U) << "the old UDI is free";
}

TEST_F(ManagerRegister, P3_ARemovedInstanceIsNoDuplicate) {
  const Device first = registered("SAME");
  ASSERT_TRUE(ledger.administer(first.instance, InstanceCommand::remove, now));
  registered("SAME");
  EXPECT_EQ(events(LedgerEventKind::duplicate_udi), 0U);
}

TEST_F(ManagerRegister, M9_ARevokedKeyCannotBeRegisteredAgain) {
  const Device device = registered();
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::revoke_certificate, now));
  EXPECT_EQ(code_of(ask(registration(device, token().text))), Errc::certificate_revoked);
}

}  // namespace
}  // namespace smartlic::licensing::test
