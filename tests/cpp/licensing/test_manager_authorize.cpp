// RULES M7, M9, M10, M12, P1 and P2 at the manager.
#include "licensing/manager_world.hpp"
#include "message/envelope.hpp"

namespace smartlic::licensing::test {
namespace {

using message::AuthorizeAnswer;
using message::ComplianceStatus;
using message::Refusal;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto in = ComplianceStatus::InCompliance;
constexpr auto out = ComplianceStatus::OutOfCompliance;

class ManagerAuthorize : public World {};

TEST_F(ManagerAuthorize, M7_AnswersAsS16) {
  buy(2);
  Device device = registered();
  now += one_day + tick;
  const auto answer = authorize(device, 2);
  EXPECT_EQ(answer.instance, device.instance);
  EXPECT_EQ(answer.start_date, now);
  EXPECT_EQ(answer.base.time, now);
  EXPECT_EQ(answer.expiry, seconds{7776000});
  EXPECT_EQ(answer.retry_interval, seconds{2592000});
  EXPECT_EQ(answer.status, in);
  EXPECT_EQ(answer.tags, (std::vector<message::TagStatus>{{cusp, in}}));
  EXPECT_FALSE(answer.state.empty());
}

TEST_F(ManagerAuthorize, P2_OneMoreThanPurchasedIsOutOfComplianceForEveryoneAtTheNextRequest) {
  buy(5);
  Device a = registered("A"), b = registered("B");
  EXPECT_EQ(authorize(a, 3).status, in);
  EXPECT_EQ(authorize(b, 2).status, in) << "exactly what was purchased";
  const auto over = authorize(b, 3);
  EXPECT_EQ(over.status, out);
  EXPECT_EQ(over.retry_interval, seconds{43200});
  EXPECT_EQ(authorize(a, 3).status, out);
  EXPECT_EQ(authorize(b, 2).status, in) << "the new count replaces the old";
  EXPECT_EQ(authorize(a, 3).status, in);
}

TEST_F(ManagerAuthorize, P2_TheOverallStatusIsTheWorstTags) {
  const std::string other = "regid.2014-08.com.cisco.OTHER,1.0";
  ledger.add_tag(other, now);
  buy(5);
  Device device = registered();
  message::AuthorizeRequest request{base(),
                                    device.instance,
                                    ++device.request_no,
                                    "",
                                    device.issued->signing_certificate.serial().to_string(),
                                    {}};
  request.entitlements = {{other, 1, "", ""}, {cusp, 1, "", ""}};
  const auto answer = as<AuthorizeAnswer>(ask(sealed(device, request)));
  EXPECT_EQ(answer.status, out);
  EXPECT_EQ(answer.tags, (std::vector<message::TagStatus>{{other, out}, {cusp, in}}));
}

TEST_F(ManagerAuthorize, P2_RequestsOfOneBatchSeeEachOther) {
  buy(5);
  Device a = registered("A"), b = registered("B");
  const std::vector<Examined> batch{
      manager->examine(authorization(a, 3).bytes), manager->examine(authorization(b, 3).bytes),
      manager->examine(deregistration(a).bytes), manager->examine(authorization(b, 4).bytes)};
  auto facts = ledger.load(batch, now);
  const auto verdicts = manager->decide(batch, facts, now);
  EXPECT_EQ(as<AuthorizeAnswer>(*verdicts[0].answer).status, in);
  EXPECT_EQ(as<AuthorizeAnswer>(*verdicts[1].answer).status, out);
  EXPECT_EQ(as<AuthorizeAnswer>(*verdicts[3].answer).status, in);
  for (const auto& verdict : verdicts) EXPECT_TRUE(ledger.commit(verdict.changes));
  EXPECT_EQ(in_use(now), 4);
}

TEST_F(ManagerAuthorize, P1_PurchasesHaveAStartAndAnEnd) {
  buy(2, start + 10 * one_day);
  Device device = registered();
  now = start + 10 * one_day - tick;
  EXPECT_EQ(authorize(device, 2).status, in);
  now += tick;
  EXPECT_EQ(authorize(device, 2).status, out);
}

TEST_F(ManagerAuthorize, P1_UsageEndsWithTheAuthorization) {
  Device device = registered();
  authorize(device, 2);
  EXPECT_EQ(in_use(now + 90 * one_day - tick), 2);
  EXPECT_EQ(in_use(now + 90 * one_day), 0);
}

TEST_F(ManagerAuthorize, P1_UsageEndsWithTheCertificateIfThatIsSooner) {
  Device device = registered();
  now += 300 * one_day;
  authorize(device, 2);
  EXPECT_EQ(in_use(start + 360 * one_day - tick), 2);
  EXPECT_EQ(in_use(start + 360 * one_day), 0);
}

TEST_F(ManagerAuthorize, P1_UsageThatHasEndedCountsForNobody) {
  buy(2);
  Device a = registered("A"), b = registered("B");
  authorize(a, 2);
  now += 90 * one_day - tick;
  EXPECT_EQ(authorize(b, 2).status, out);
  now += tick;
  EXPECT_EQ(authorize(b, 2).status, in);
}

TEST_F(ManagerAuthorize, P1_UsageEndsWithDeregistrationAndRemoval) {
  Device a = registered("A"), b = registered("B");
  authorize(a, 2);
  authorize(b, 3);
  as<message::DeregisterAnswer>(ask(deregistration(a)));
  EXPECT_EQ(in_use(now), 3);
  ASSERT_TRUE(ledger.administer(b.instance, InstanceCommand::remove, now));
  EXPECT_EQ(in_use(now), 0);
}

TEST_F(ManagerAuthorize, E9_AnEmptyRequestReleasesTheUsage) {
  Device device = registered();
  EXPECT_EQ(authorize(device, 2).status, out);
  const auto answer = authorize(device, 0);
  EXPECT_EQ(answer.status, in);
  EXPECT_TRUE(answer.tags.empty());
  EXPECT_EQ(in_use(now), 0);
}

TEST_F(ManagerAuthorize, M9_AKnownTagWithNothingPurchasedIsOutOfComplianceAnUnknownOneDenied) {
  Device device = registered();
  EXPECT_EQ(authorize(device, 1).status, out);
  const auto refusal = as<Refusal>(ask(authorization(device, 1, "regid.strange")));
  EXPECT_EQ(refusal.code, Errc::entitlement_denied);
  EXPECT_NE(refusal.text.find("regid.strange"), std::string::npos);
  EXPECT_EQ(refusal.retry_after, seconds{43200});
  EXPECT_EQ(in_use(now), 0) << "P1: the usage ends with the refusal";
  EXPECT_EQ(events(LedgerEventKind::entitlement_denied), 1U);
  EXPECT_EQ(code_of(ask(authorization(device, 1, "regid.strange"))), Errc::entitlement_denied);
  EXPECT_EQ(events(LedgerEventKind::entitlement_denied), 1U) << "P4: the same refusal is told once";
  EXPECT_EQ(code_of(ask(authorization(device, 1, "regid.other"))), Errc::entitlement_denied);
  EXPECT_EQ(events(LedgerEventKind::entitlement_denied), 2U);
}

TEST_F(ManagerAuthorize, M9_ABlockedTagIsDeniedInItsAccountUntilUnblocked) {
  Device device = registered();
  authorize(device, 1);
  ASSERT_TRUE(ledger.set_blocked("default", cusp, true, now));
  EXPECT_EQ(code_of(ask(authorization(device, 1))), Errc::entitlement_denied);
  ASSERT_TRUE(ledger.set_blocked("default", cusp, false, now));
  ASSERT_TRUE(ledger.set_blocked("elsewhere", cusp, true, now));
  authorize(device, 1);
}

TEST_F(ManagerAuthorize, M9_RemovedAndDeregisteredInstancesAreTold) {
  Device a = registered("A"), b = registered("B");
  ASSERT_TRUE(ledger.administer(a.instance, InstanceCommand::remove, now));
  EXPECT_EQ(code_of(ask(authorization(a, 1))), Errc::instance_removed);
  EXPECT_EQ(code_of(ask(deregistration(a))), Errc::instance_removed);
  as<message::DeregisterAnswer>(ask(deregistration(b)));
  EXPECT_EQ(code_of(ask(authorization(b, 1))), Errc::instance_removed);
}

TEST_F(ManagerAuthorize, M9_ARevokedCertificateIsRefusedAndItsUsageEnds) {
  Device device = registered();
  authorize(device, 2);
  ASSERT_TRUE(ledger.administer(device.instance, InstanceCommand::revoke_certificate, now));
  EXPECT_EQ(in_use(now), 2);
  EXPECT_EQ(code_of(ask(authorization(device, 2))), Errc::certificate_revoked);
  EXPECT_EQ(in_use(now), 0);
}

TEST_F(ManagerAuthorize, M9_AnInstanceWithoutARecordIsAdopted) {
  Device device = registered();
  device.request_no = 41;
  device.acked = "whatever it was";
  ledger = MemoryLedger{"restored"};  // an empty backup
  ledger.add_tag(cusp, now);
  authorize(device, 2);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(record(device).virtual_account, "restored");
  EXPECT_EQ(record(device).udi, device.udi.to_string());
  EXPECT_EQ(record(device).request_no, 42U);
  EXPECT_EQ(record(device).registered, start);
  authorize(device, 2);
  renew(device);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerAuthorize, M9_AdoptionByARenewalTakesTheStateOfTheNextRequest) {
  Device device = registered();
  authorize(device, 2);
  ledger = MemoryLedger{};
  ledger.add_tag(cusp, now);
  renew(device);
  authorize(device, 2);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerAuthorize, M9_FailuresBeforeTheAudienceAreUnsigned) {
  const auto reply = serve(*manager, ledger, as_bytes("{}"), now);
  EXPECT_EQ(reply.http_status, 400);
  EXPECT_EQ(std::string{as_text(reply.body)}.find(R"({"code":"message_malformed","message":")"),
            0U);
  const Bytes large(message::max_message_bytes + 1, ' ');
  EXPECT_EQ(serve(*manager, ledger, large, now).http_status, 413);
}

TEST_F(ManagerAuthorize, M9_LaterFailuresAreSigned) {
  Device device = registered();
  Device other = registered("OTHER");
  other.instance = device.instance;  // M8 binding: speaks for another
  EXPECT_EQ(code_of(ask(authorization(other, 1))), Errc::binding_wrong);
  now += 360 * one_day;  // M8 freshness
  EXPECT_EQ(code_of(ask(authorization(device, 1))), Errc::certificate_expired);
}

TEST_F(ManagerAuthorize, M9_ARequestThatCannotBeKeptIsRefusedSigned) {
  Device device = registered();
  const auto request = authorization(device, 1);
  const auto verdict = manager->refuse(manager->examine(request.bytes), {Errc::busy, ""}, now);
  EXPECT_EQ(code_of(opened(request, manager->seal(verdict))), Errc::busy);
  const auto garbage = manager->refuse(manager->examine(as_bytes("x")), {Errc::busy, ""}, now);
  EXPECT_EQ(manager->seal(garbage).http_status, 400);
}

TEST_F(ManagerAuthorize, M10_TheSameRequestGetsTheSameDecisionWithFreshTime) {
  Device device = registered();
  const auto request = authorization(device, 2);
  const auto first = as<AuthorizeAnswer>(ask(request));
  const auto changes = ledger.events().size();
  const auto revision = record(device).revision;
  now += minutes{5} + tick;
  const auto again = as<AuthorizeAnswer>(ask(request));
  EXPECT_EQ(again.start_date, first.start_date);
  EXPECT_EQ(again.state, first.state);
  EXPECT_EQ(again.base.time, now);
  EXPECT_EQ(again.expiry, first.expiry - seconds{301}) << "a whole second less, rounded down";
  EXPECT_EQ(ledger.events().size(), changes);
  EXPECT_EQ(record(device).revision, revision);
}

TEST_F(ManagerAuthorize, M10_ARefusalThatIsADecisionIsRepeatedToo) {
  Device device = registered();
  const auto request = authorization(device, 1, "regid.strange");
  EXPECT_EQ(code_of(ask(request)), Errc::entitlement_denied);
  ledger.add_tag("regid.strange", now);
  EXPECT_EQ(code_of(ask(request)), Errc::entitlement_denied);
  EXPECT_EQ(events(LedgerEventKind::entitlement_denied), 1U);
  EXPECT_FALSE(code_of(ask(authorization(device, 1, "regid.strange"))));
}

TEST_F(ManagerAuthorize, M10_ANumberDecidedBeforeIsStale) {
  Device device = registered();
  const auto old = authorization(device, 1);
  ask(old);
  authorize(device, 1);
  authorize(device, 1);
  EXPECT_EQ(as<Refusal>(ask(old)).highest_request_no, 3U);
  --device.request_no;  // another request with the number 3
  const auto refusal = as<Refusal>(ask(authorization(device, 2)));
  EXPECT_EQ(refusal.code, Errc::stale);
  EXPECT_EQ(refusal.highest_request_no, 3U);
  authorize(device, 1);  // one above it goes on
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerAuthorize, M10_OneNumberForAllKinds) {
  Device device = registered();
  renew(device);
  --device.request_no;
  EXPECT_EQ(code_of(ask(authorization(device, 1))), Errc::stale);
  --device.request_no;
  EXPECT_EQ(code_of(ask(deregistration(device))), Errc::stale);
}

TEST_F(ManagerAuthorize, M10_AClockMoreThanTenMinutesOffIsToldAndChangesNothing) {
  Device device = registered();
  for (const Ms off : {Ms{minutes{10}}, -Ms{minutes{10}}}) {
    now = start;
    const auto punctual = authorization(device, 1);
    now += off;
    EXPECT_FALSE(code_of(ask(punctual)));
    now = start;
    const auto late = authorization(device, 1);
    now += off + (off > Ms{0} ? tick : -tick);
    const auto refusal = as<Refusal>(ask(late));
    EXPECT_EQ(refusal.code, Errc::clock_off);
    EXPECT_EQ(refusal.base.time, now);
    --device.request_no;  // it was not used up
  }
  now = start;
  const auto registering = registration(Device{}, token().text);
  now += minutes{11};
  EXPECT_EQ(code_of(ask(registering)), Errc::clock_off);
}

TEST_F(ManagerAuthorize, M12_AnExportedRequestIsGoodFor30Days) {
  Device device = registered();
  const auto request = authorization(device, 1);
  now += 30 * one_day;
  const auto refusal = as<Refusal>(ask(request, Channel::exported));
  EXPECT_EQ(refusal.code, Errc::clock_off);
  EXPECT_NE(refusal.text.find("exported"), std::string::npos);
  now -= tick;
  EXPECT_EQ(as<AuthorizeAnswer>(ask(request, Channel::exported)).start_date, now);
  now = start;
  const auto future = authorization(device, 1);
  now = start - minutes{10} - tick;
  EXPECT_EQ(code_of(ask(future, Channel::exported)), Errc::clock_off);
}

TEST_F(ManagerAuthorize, M12_AnOnlineRequestDecidedInBetweenVoidsTheExportedOne) {
  Device device = registered();
  const auto exported = authorization(device, 1);
  authorize(device, 2);
  EXPECT_EQ(code_of(ask(exported, Channel::exported)), Errc::stale);
}

TEST_F(ManagerAuthorize, M13_ARepeatedDeregistrationSucceeds) {
  Device device = registered();
  as<message::DeregisterAnswer>(ask(deregistration(device)));
  as<message::DeregisterAnswer>(ask(deregistration(device)));
  device.request_no = 0;
  as<message::DeregisterAnswer>(ask(deregistration(device)));
  EXPECT_EQ(events(LedgerEventKind::deregistered), 1U);
}

}  // namespace
}  // namespace smartlic::licensing::test
