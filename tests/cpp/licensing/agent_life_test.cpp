// A product's life through the real agent and manager (RULES E, C1, S1-S5, D1, F3).

#include "agent_world.hpp"

namespace smartlic::licensing::test {
namespace {

class AgentLife : public ::testing::TestWithParam<identity::Algorithm> {
 protected:
  AgentWorld world{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Both, AgentLife,
                         ::testing::Values(identity::Algorithm::es256, identity::Algorithm::rs256),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

TEST_P(AgentLife, FromTheFactoryToDeregistration) {
  EXPECT_EQ(world.mode(), Mode::Disabled);
  world.enable();
  EXPECT_EQ(world.mode(), Mode::Eval);
  world.register_with(world.token());
  ASSERT_TRUE(world.state().identity);
  EXPECT_EQ(world.state().key->key.algorithm(), GetParam());
  EXPECT_EQ(world.state().identity->virtual_account, "default");
  EXPECT_FALSE(world.state().token) << "a token that was used up is not kept";
  EXPECT_EQ(world.mode(), Mode::Eval) << "S1: registered without an authorization";

  world.request(2);
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.request(3);
  EXPECT_EQ(world.mode(), Mode::OutOfCompliance);
  EXPECT_TRUE(calls_allowed(world.mode()));
  world.request(2);
  EXPECT_EQ(world.mode(), Mode::InCompliance);

  const auto done = world.agent->deregister(world.clock.now);
  ASSERT_TRUE(done);
  EXPECT_FALSE(*done) << "the manager has to answer first";
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  const Uuid instance = world.state().identity->instance;
  world.settle();
  EXPECT_EQ(world.mode(), Mode::Eval);
  EXPECT_EQ(world.ledger.instances().at(instance).status, InstanceStatus::deregistered);
  EXPECT_EQ(world.count(EventKind::deregistered), 1);
}

// E8: regular asks come every 30 days in compliance, up to 5 % earlier; D1: renewal at 180 days.
TEST_P(AgentLife, AYearOnItsOwn) {
  world.bring_up();
  const UtcTime registered = world.truth;
  const auto first = *world.state().identity;
  const auto first_key = world.state().key->key.public_key().thumbprint();
  const auto asked = world.count_sent(RequestKind::authorization);
  world.live(180 * one_day - Ms{1});
  EXPECT_EQ(world.state().identity->id_certificate, first.id_certificate);
  world.live(Ms{1});
  EXPECT_NE(world.state().identity->id_certificate, first.id_certificate);
  EXPECT_EQ(world.state().identity->instance, first.instance);
  EXPECT_NE(world.state().key->key.public_key().thumbprint(), first_key) << "M13: a fresh key";
  EXPECT_FALSE(world.state().renewal_key);
  EXPECT_EQ(world.last(EventKind::certificate_renewed).at, registered + 180 * one_day);
  const auto asks = world.count_sent(RequestKind::authorization) - asked;
  EXPECT_TRUE(asks == 6 || asks == 5) << asks;

  world.live(540 * one_day);
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  EXPECT_EQ(world.count(EventKind::certificate_renewed), 4);
  EXPECT_EQ(world.count(EventKind::mode_changed), 2) << "Eval, then InCompliance all the time";
}

// D7: out of compliance asks every 12 hours.
TEST(AgentAsks, EveryTwelveHoursOutOfCompliance) {
  AgentWorld world;
  world.bring_up(3);
  ASSERT_EQ(world.mode(), Mode::OutOfCompliance);
  const auto before = world.count_sent(RequestKind::authorization);
  world.live(10 * one_day);
  const auto asks = world.count_sent(RequestKind::authorization) - before;
  EXPECT_GE(asks, 20);
  EXPECT_LE(asks, 21);
  ASSERT_TRUE(world.ledger.purchase("default", cusp_tag, {1, world.truth, never}, world.truth));
  world.live(std::chrono::hours{12});
  EXPECT_EQ(world.mode(), Mode::InCompliance);
}

// C1: what was answered last counts; while nothing ever was, what is requested.
TEST(AgentLimit, FollowsTheLastAnsweredRequest) {
  const Catalogue catalogue;
  AgentWorld world;
  const auto limit = [&] { return world.agent->limit(catalogue); };
  EXPECT_EQ(limit(), std::nullopt) << "nothing requested: no rate check";
  world.enable();
  world.request(3);
  EXPECT_EQ(limit(), 15) << "never answered: of the latest request made";
  world.request(2);
  EXPECT_EQ(limit(), 10);
  world.register_with(world.token());
  EXPECT_EQ(limit(), 10);

  world.link = false;
  world.request(4);
  EXPECT_EQ(limit(), 10) << "E9: a changed request counts only when answered";
  world.link = true;
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.settle();
  EXPECT_EQ(limit(), 20);
  world.restart();
  EXPECT_EQ(limit(), 20);

  ASSERT_TRUE(world.ledger.set_blocked("default", cusp_tag, true, world.truth));
  world.request(1);
  EXPECT_EQ(world.last(EventKind::refused).code, Errc::entitlement_denied);
  EXPECT_EQ(limit(), 20) << "a refusal answers no request";
  world.request(0);
  EXPECT_EQ(limit(), 0) << "an empty request rejects all";
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.restart();
  EXPECT_EQ(limit(), 0);
}

TEST(AgentLimit, ATagThatNobodyKnowsAllowsNothing) {
  AgentWorld world;
  world.enable();
  ASSERT_TRUE(world.agent
                  ->request({{cusp_tag, 2, "1.0", ""}, {"regid.2020-01.org.other", 7, "1.0", ""}},
                            world.clock.now)
                  .ok());
  EXPECT_EQ(world.agent->limit(Catalogue{}), 10);
  const auto two = *Catalogue::make(
      {{"CUSP-5", cusp_tag, 5, "1.0", ""}, {"OTHER", "regid.2020-01.org.other", 3, "1.0", ""}});
  EXPECT_EQ(world.agent->limit(two), 31);
}

TEST(AgentLimit, ARateThatWouldOverflowIsNoCatalogue) {
  EXPECT_TRUE(Catalogue::make({{"A", "a", 100'000, "", ""}}).ok());
  EXPECT_FALSE(Catalogue::make({{"A", "a", 100'001, "", ""}}).ok());
  EXPECT_FALSE(Catalogue::make({{"A", "a", -1, "", ""}}).ok());
}

// E5: 90 days from the answer's start_date, to the millisecond; the mode recovers at once.
TEST(AgentOutage, AuthorizationExpiresAndComesBack) {
  AgentWorld world;
  world.bring_up();
  const UtcTime granted = world.truth;
  world.link = false;
  world.live(90 * one_day - Ms{1});
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  EXPECT_EQ(world.count(EventKind::communication_lost), 1);
  world.live(Ms{1});
  EXPECT_EQ(world.mode(), Mode::AuthorizationExpired);
  const auto change = world.last(EventKind::mode_changed);
  EXPECT_EQ(change.at, granted + 90 * one_day);
  EXPECT_EQ(change.cause, rules::Cause::authorization_ended);
  EXPECT_EQ(world.state().mode_since, change.at);
  EXPECT_EQ(world.state().mode_cause, change.cause);
  world.link = true;
  world.live(std::chrono::hours{12});
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  EXPECT_EQ(world.count(EventKind::communication_restored), 1);
}

// E7, E2: past the certificate's end a grant is late, renewal goes on being asked for, and the
// bound ends the authorization as the evaluation's rest allows.
class AgentCertificateEnd : public ::testing::Test {
 protected:
  AgentCertificateEnd() {
    ManagerPolicy policy;
    policy.certificate = 60 * one_day;
    policy.renew_interval = 30 * one_day;
    policy.late_renewal = late_;
    world.use(world.authority.identity, policy);
    world.bring_up();
    world.link = false;
  }
  void allow_late_renewal() {
    ManagerPolicy policy;
    policy.late_renewal = 30 * one_day;
    world.use(world.authority.identity, policy);
  }
  AgentWorld world;

 private:
  Ms late_{0};
};

TEST_F(AgentCertificateEnd, EndsTheAuthorization) {
  world.live(60 * one_day - Ms{1});
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.live(Ms{1});
  EXPECT_EQ(world.mode(), Mode::Eval) << "ended by its bound, not by its own period";
  EXPECT_EQ(world.last(EventKind::mode_changed).cause, rules::Cause::certificate_ended);
  EXPECT_EQ(world.count(EventKind::certificate_ended), 1);
  EXPECT_EQ(world.count(EventKind::certificate_ending), 1);
  EXPECT_FALSE(world.agent->licence().registered());
  EXPECT_TRUE(world.state().key) << "it keeps its key";
  world.live(90 * one_day);
  EXPECT_EQ(world.mode(), Mode::EvalExpired);
}

TEST_F(AgentCertificateEnd, LateGrantIsIgnored) {
  world.live(60 * one_day - one_hour);
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  world.drain();
  // Whichever request the file holds, make sure that an authorization is open somewhere.
  ASSERT_TRUE(world.open(Slot::online) || world.open(Slot::exported));
  const bool online = world.open(Slot::online)->open.kind == message::Kind::authorize;
  const Bytes& request = world.open(online ? Slot::online : Slot::exported)->sealed;
  const Bytes answer = serve(*world.manager, world.ledger, request, world.truth).body;
  world.wire.clear();
  world.pass(one_hour);
  const auto late = world.agent->handle_answer(answer, world.clock.now);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(world.mode(), Mode::Eval);
  EXPECT_EQ(world.state().counters.answers_unmatched + world.state().counters.answers_invalid, 1U);
  for (const auto slot : {Slot::online, Slot::exported}) {
    EXPECT_NE(world.agent->licence().open(slot), RequestKind::authorization);
  }
}

TEST_F(AgentCertificateEnd, RenewalGoesOnBeingAskedFor) {
  world.live(61 * one_day);
  const auto key = world.state().renewal_key->key.public_key().thumbprint();
  world.link = true;
  world.live(one_day);
  EXPECT_EQ(world.last(EventKind::refused).code, Errc::certificate_expired);
  EXPECT_FALSE(world.agent->licence().registered());
  const auto asked = world.count_sent(RequestKind::renewal);
  world.live(one_day);
  EXPECT_GE(world.count_sent(RequestKind::renewal), asked + 2);
  allow_late_renewal();
  world.live(one_day);
  EXPECT_TRUE(world.agent->licence().registered());
  EXPECT_EQ(world.state().key->key.public_key().thumbprint(), key) << "M13: the same key all along";
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "and it asked for its authorization at once";
}

// M13 beside E7: after the end both a registration and a renewal are asked for, and neither takes
// the other's key.
TEST_F(AgentCertificateEnd, RegistrationAndRenewalKeepTheirOwnKeys) {
  world.live(61 * one_day);
  const auto renewal = world.state().renewal_key->key.public_key().thumbprint();
  world.register_with(world.token());
  const auto registration = world.state().registration_key->key.public_key().thumbprint();
  world.live(3 * one_day);
  EXPECT_EQ(world.state().registration_key->key.public_key().thumbprint(), registration);
  EXPECT_EQ(world.state().renewal_key->key.public_key().thumbprint(), renewal);
  world.restart();
  const auto old = world.state().identity->instance;
  world.link = true;
  world.live(one_day);
  EXPECT_NE(world.state().identity->instance, old);
  EXPECT_EQ(world.state().key->key.public_key().thumbprint(), registration);
  EXPECT_FALSE(world.state().renewal_key) << "the identity's of before";
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.live(35 * one_day);
  EXPECT_EQ(world.count(EventKind::certificate_renewed), 1);
}

// E9: deregistering after the end is done at once, locally.
TEST_F(AgentCertificateEnd, DeregistrationIsLocal) {
  world.live(61 * one_day);
  const auto sent = world.sent.size();
  const auto done = world.agent->deregister(world.clock.now);
  ASSERT_TRUE(done);
  EXPECT_TRUE(*done);
  world.settle();
  EXPECT_EQ(world.sent.size(), sent);
  EXPECT_FALSE(world.state().identity);
}

// E9, M9: losing the registration closes both slots and forgets the identity.
TEST(AgentLoss, RemovedByTheAdministrator) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  world.drain();
  ASSERT_TRUE(world.open(Slot::exported));
  world.link = false;
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.settle();
  ASSERT_TRUE(world.state().renewal_key);
  world.link = true;
  ASSERT_TRUE(world.ledger.administer(world.state().identity->instance, InstanceCommand::remove,
                                      world.truth));
  world.live(31 * one_day);
  EXPECT_EQ(world.last(EventKind::refused).code, Errc::instance_removed);
  EXPECT_EQ(world.mode(), Mode::Eval);
  const auto& state = world.state();
  EXPECT_FALSE(state.open[0] || state.open[1]);
  EXPECT_FALSE(state.identity || state.identity_proof || state.key || state.renewal_key);
  EXPECT_EQ(state.request_no, 0U);
  EXPECT_TRUE(state.acked.empty());
  world.restart();
  world.register_with(world.token());
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "the request is still wanted";
}

// M9: a tag that is denied drops the authorization; registration and key stay.
TEST(AgentLoss, DeniedEntitlement) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.ledger.set_blocked("default", cusp_tag, true, world.truth));
  world.live(31 * one_day);
  EXPECT_EQ(world.mode(), Mode::Eval);
  EXPECT_TRUE(world.state().identity && world.state().key);
  world.restart();
  EXPECT_EQ(world.mode(), Mode::Eval) << "the proof on the disk does not bring it back";
  ASSERT_TRUE(world.ledger.set_blocked("default", cusp_tag, false, world.truth));
  world.live(one_day);
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "it goes on asking";
}

// A key that was revoked before its certificate came is not tried for ever.
TEST(AgentLoss, RevokedBeforeTheAnswerCame) {
  AgentWorld world;
  world.enable();
  const auto token = world.token();
  ASSERT_TRUE(world.agent->register_(world.authority.trust, token, world.clock.now).ok());
  world.drain();
  const auto request = std::exchange(world.wire, {}).front();
  static_cast<void>(serve(*world.manager, world.ledger, request.bytes, world.truth));
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);  // the answer was lost
  const Uuid instance = world.ledger.instances().begin()->first;
  ASSERT_TRUE(world.ledger.administer(instance, InstanceCommand::revoke_certificate, world.truth));
  world.live(one_hour);
  EXPECT_EQ(world.last(EventKind::registration_failed).code, Errc::certificate_revoked);
  world.register_with(world.token());
  EXPECT_TRUE(world.agent->licence().registered());
  EXPECT_NE(world.state().identity->instance, instance);
}

}  // namespace
}  // namespace smartlic::licensing::test
