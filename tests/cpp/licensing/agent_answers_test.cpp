// Answers good and bad through the real agent (RULES E6, M2, M3, M8, M10-M13).

#include "agent_world.hpp"

namespace smartlic::licensing::test {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// A world in which an authorization request waits for its answer.
class AgentAnswers : public ::testing::Test {
 protected:
  AgentAnswers() { world.bring_up(); }
  Bytes ask() {
    EXPECT_TRUE(world.agent->authorize(world.clock.now).ok());
    world.drain();
    return std::exchange(world.wire, {}).front().bytes;
  }
  Bytes answer_to(const Bytes& request) {
    return serve(*world.manager, world.ledger, request, world.truth).body;
  }
  AgentWorld world;
};

// E6, M8: whatever is not a valid answer to our open request changes no mode and closes no slot.
TEST_F(AgentAnswers, BadOnesChangeNothing) {
  const Bytes old_answer = world.answers.back();
  const Bytes request = ask();
  const Bytes good = answer_to(request);
  Bytes flipped = good;
  auto& inside_signature = flipped[flipped.size() - 20];
  inside_signature = inside_signature == 'A' ? 'B' : 'A';
  // Another manager, whose root is not pinned.
  identity::Entropy entropy{identity::Entropy::Seed{9}};
  Manager foreign{new_authority(entropy, world.truth)->identity, {}, entropy.seed()};
  ManagerIdentity imitation = new_authority(entropy, world.truth)->identity;
  imitation.manager = world.authority.identity.manager;
  const Manager imitator{imitation, {}, entropy.seed()};
  message::AuthorizeAnswer forged;
  forged.base.manager = imitation.manager;
  forged.base.nonce = world.open(Slot::online)->open.nonce;
  forged.base.request_hash = world.open(Slot::online)->open.request_hash;
  forged.base.time = forged.start_date = world.truth;
  forged.instance = world.state().identity->instance;
  forged.expiry = std::chrono::days{90};

  const std::vector<std::pair<Errc, Bytes>> bad{
      {Errc::message_malformed, bytes_of("<html>502 Bad Gateway</html>")},
      {Errc::message_malformed, {}},
      {Errc::message_too_large, Bytes(65 * 1024, 'x')},
      {Errc::message_malformed, serve(foreign, world.ledger, request, world.truth).body},
      {Errc::chain_untrusted, imitator.seal({.answer = forged, .error = {}, .changes = {}}).body},
      {Errc::signature_invalid, flipped},
      {Errc::binding_wrong, old_answer},
      {Errc::header_refused, request},
  };
  std::uint64_t invalid = 0;
  std::uint64_t unmatched = 0;
  for (const auto& [code, message] : bad) {
    const auto done = world.agent->handle_answer(message, world.clock.now);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, code) << done.error().message();
    ++(code == Errc::binding_wrong ? unmatched : invalid);
    EXPECT_EQ(world.state().counters.answers_invalid, invalid);
    EXPECT_EQ(world.state().counters.answers_unmatched, unmatched);
    EXPECT_EQ(world.mode(), Mode::InCompliance);
    EXPECT_EQ(world.agent->licence().open(Slot::online), RequestKind::authorization);
  }
  EXPECT_TRUE(world.take(good).ok()) << "the slot was open all the time";
  const auto doubled = world.take(good);
  ASSERT_FALSE(doubled.ok());
  EXPECT_EQ(doubled.error().code, Errc::answer_unmatched);
  EXPECT_EQ(world.state().counters.answers_unmatched, unmatched + 1);
}

// M4: an answer for the same key and request from another manager below the same root.
TEST_F(AgentAnswers, AnotherManagersBelowTheSameRoot) {
  const Bytes request = ask();
  ManagerIdentity other = world.authority.identity;
  other.manager = world.entropy.uuid();
  const Manager manager{other, {}, world.entropy.seed()};
  message::DeregisterAnswer answer;
  answer.base.manager = other.manager;
  answer.base.time = world.truth;
  const auto done = world.take(manager.seal({.answer = answer, .error = {}, .changes = {}}).body);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Errc::audience_wrong);
}

// A late answer counts while no other request has taken its slot; then it is unmatched.
TEST_F(AgentAnswers, LateOnes) {
  const Bytes first = answer_to(ask());
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  world.drain();
  EXPECT_TRUE(world.take(first).ok());
  const Bytes second = answer_to(ask());
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  ask();
  const auto late = world.take(second);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Errc::binding_wrong);
  EXPECT_TRUE(world.open(Slot::online));
}

// M10: a number that somebody else used is stale; the agent goes on one above, at once, once, and
// says that it suspects a fork.
TEST_F(AgentAnswers, StaleNumber) {
  const Bytes snapshot = world.disk;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
    world.settle();
  }
  const auto highest = world.state().request_no;
  world.disk = snapshot;
  world.restart();
  ASSERT_EQ(world.state().request_no, highest - 3);
  world.sent.clear();
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.settle();
  EXPECT_EQ(world.sent.size(), 2U) << "refused, and retried at once";
  EXPECT_EQ(world.state().request_no, highest + 1);
  EXPECT_EQ(world.count(EventKind::fork_suspected), 1);
  EXPECT_EQ(world.last(EventKind::fork_suspected).code, Errc::stale);
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "served by default";
  EXPECT_TRUE(world.record().fork_suspected) << "M11: it named a state that was voided";
}

TEST_F(AgentAnswers, StaleIsRetriedOncePerAsk) {
  ask();
  message::Refusal refusal;
  refusal.code = Errc::stale;
  const auto refuse = [&](std::uint64_t highest) {
    refusal.highest_request_no = highest;
    refusal.base.manager = world.authority.identity.manager;
    refusal.base.nonce = world.open(Slot::online)->open.nonce;
    refusal.base.request_hash = world.open(Slot::online)->open.request_hash;
    refusal.base.time = world.truth;
    const auto body = world.manager->seal({.answer = refusal, .error = {}, .changes = {}}).body;
    EXPECT_TRUE(world.agent->handle_answer(body, world.clock.now).ok());
    world.drain();
    return std::exchange(world.wire, {}).size();
  };
  EXPECT_EQ(refuse(100), 1U);
  EXPECT_EQ(world.state().request_no, 101U);
  EXPECT_EQ(refuse(200), 0U) << "not a second time";
  EXPECT_EQ(world.state().request_no, 200U);
}

// M10: a request that was overtaken by one of our own is stale, and no fork.
TEST_F(AgentAnswers, OvertakenByOurOwnIsNoFork) {
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  world.drain();
  answer_to(ask());  // decided, and its answer lost
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  world.drain();
  EXPECT_TRUE(world.take(world.answer_file()).ok());
  EXPECT_EQ(world.last(EventKind::refused).code, Errc::stale);
  EXPECT_EQ(world.count(EventKind::fork_suspected), 0);
}

// M11: the request names the last answer that was applied.
TEST_F(AgentAnswers, AckedIsTheLastOneApplied) {
  const auto acked = [&](const Bytes& request) {
    const auto opened = world.manager->examine(request);
    const auto& it = std::get<message::OpenedRequest>(opened.outcome);
    return std::get<message::AuthorizeRequest>(*it.request).acked;
  };
  const auto applied = world.state().acked;
  EXPECT_FALSE(applied.empty());
  const Bytes request = ask();
  EXPECT_EQ(acked(request), applied);
  answer_to(request);  // lost
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  world.restart();
  const Bytes next = ask();
  EXPECT_EQ(acked(next), applied);
  EXPECT_TRUE(world.take(answer_to(next)).ok());
  EXPECT_NE(world.state().acked, applied);
  EXPECT_FALSE(world.record().fork_suspected) << "a lost answer is no fork";
}

// M12
class AgentExport : public AgentAnswers {
 protected:
  void export_now() {
    EXPECT_TRUE(world.agent->export_request(world.clock.now).ok());
    world.drain();
  }
};

TEST_F(AgentExport, RenewsTheAuthorizationWithoutANetwork) {
  world.link = false;
  world.live(80 * one_day);
  export_now();
  const Bytes answer = world.answer_file();
  world.live(9 * one_day);
  EXPECT_TRUE(world.take(answer).ok());
  world.live(80 * one_day);
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.live(one_day);
  EXPECT_EQ(world.mode(), Mode::AuthorizationExpired) << "90 days from the manager's decision";
}

TEST_F(AgentExport, OneAtATime) {
  export_now();
  const Bytes first = world.answer_file();
  export_now();
  const auto done = world.take(first);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Errc::binding_wrong);
  EXPECT_TRUE(world.take(world.answer_file()).ok());
}

TEST_F(AgentExport, VoidedByAnOnlineDecision) {
  export_now();
  const Bytes answer = world.answer_file();
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.settle();
  EXPECT_FALSE(world.open(Slot::exported));
  const auto done = world.take(answer);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Errc::answer_unmatched);
}

TEST_F(AgentExport, ValidForThirtyDays) {
  world.link = false;
  for (const Ms age : {30 * one_day - Ms{1}, 30 * one_day}) {
    export_now();
    const Bytes answer = world.answer_file();
    world.pass(age);
    EXPECT_EQ(world.take(answer).ok(), age < 30 * one_day);
  }
}

TEST_F(AgentExport, ChoosesWhatIsNeededMost) {
  const auto exported = [&] {
    export_now();
    return world.files.back().kind;
  };
  world.link = false;
  EXPECT_EQ(exported(), RequestKind::authorization);
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.settle();
  world.live(one_hour);
  world.pass(one_day);
  EXPECT_EQ(exported(), RequestKind::renewal);
  ASSERT_TRUE(world.agent->deregister(world.clock.now).ok());
  world.settle();
  EXPECT_EQ(exported(), RequestKind::deregistration);
  EXPECT_TRUE(world.take(world.answer_file()).ok());
  EXPECT_FALSE(world.agent->licence().registered());
  ASSERT_TRUE(world.agent->register_(world.authority.trust, world.token(), world.clock.now).ok());
  world.settle();
  EXPECT_EQ(exported(), RequestKind::registration);
  EXPECT_TRUE(world.take(world.answer_file()).ok());
  EXPECT_TRUE(world.agent->licence().registered());
}

// M13: a renewal sent and exported is one renewal; the second answer takes nothing away.
TEST_F(AgentExport, RenewalAnsweredTwice) {
  world.link = false;
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.drain();
  const Bytes sent = std::exchange(world.wire, {}).front().bytes;
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  world.drain();
  ASSERT_EQ(world.files.back().kind, RequestKind::renewal);
  const Bytes online = answer_to(sent);
  const Bytes file = world.answer_file();
  EXPECT_TRUE(world.take(file).ok());
  const auto key = world.state().key->key.public_key().thumbprint();
  world.restart();
  EXPECT_TRUE(world.take(online).ok());
  EXPECT_EQ(world.state().key->key.public_key().thumbprint(), key);
  world.restart();
  world.link = true;
  world.live(200 * one_day);
  EXPECT_EQ(world.mode(), Mode::InCompliance);
}

// M13: lost answers. The same key is certified again, and nothing is spent, over restarts too.
TEST(AgentLostAnswers, Registration) {
  AgentWorld world;
  world.enable();
  ASSERT_TRUE(world.agent->register_(world.authority.trust, world.token(1), world.clock.now).ok());
  world.drain();
  const Bytes request = std::exchange(world.wire, {}).front().bytes;
  static_cast<void>(serve(*world.manager, world.ledger, request, world.truth));
  const Uuid instance = world.ledger.instances().begin()->first;
  world.restart();  // killed before the answer came
  world.live(one_hour);
  ASSERT_TRUE(world.agent->licence().registered());
  EXPECT_EQ(world.state().identity->instance, instance);
  EXPECT_EQ(world.ledger.instances().size(), 1U);
  EXPECT_EQ(world.ledger.tokens().begin()->second.uses, 1);
}

TEST(AgentLostAnswers, Renewal) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.drain();
  const Bytes request = std::exchange(world.wire, {}).front().bytes;
  static_cast<void>(serve(*world.manager, world.ledger, request, world.truth));
  const auto next = world.record().next_certificate;
  world.restart();
  world.live(one_hour);
  EXPECT_EQ(world.state().identity->id_certificate, next);
  EXPECT_EQ(world.mode(), Mode::InCompliance);
}

TEST(AgentLostAnswers, Deregistration) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->deregister(world.clock.now).ok());
  world.drain();
  const Bytes request = std::exchange(world.wire, {}).front().bytes;
  static_cast<void>(serve(*world.manager, world.ledger, request, world.truth));
  world.restart();
  world.live(one_hour);
  EXPECT_FALSE(world.state().identity);
  EXPECT_EQ(world.count(EventKind::deregistered), 1);
}

// An injected key is the first registration's; the renewal's is fresh (M13).
TEST(AgentFirstKey, IsUsedOnce) {
  AgentWorld world;
  const auto injected = *identity::PrivateKey::generate(identity::Algorithm::es256);
  world.agent.emplace(
      *Agent::create(world.config, world.entropy.seed(), world.clock.now, {}, injected));
  world.settle();
  world.restart();
  world.bring_up();
  const auto& thumbprint = injected.public_key().thumbprint();
  EXPECT_EQ(world.state().key->key.public_key().thumbprint(), thumbprint);
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.settle();
  EXPECT_NE(world.state().key->key.public_key().thumbprint(), thumbprint);
}

// M2: a newer root set comes with an answer; M3: an older signing certificate signs no more.
TEST(AgentTrust, RootSwapThroughAnswers) {
  AgentWorld world;
  world.bring_up();
  const ManagerIdentity before = world.authority.identity;
  const auto new_one = *new_root(world.entropy, world.truth);
  const auto both = *swap_roots(world.authority.root, before,
                                {world.authority.root.certificate, new_one.certificate});
  world.use(both.identity);
  world.live(31 * one_day);
  EXPECT_EQ(world.state().trust->roots.version(), 2U);
  const auto rotated = *rotate_signing(new_one, both.identity, world.truth);
  world.use(rotated);
  world.live(31 * one_day);
  EXPECT_EQ(world.state().newest_signing, rotated.signing.certificate.serial());
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  world.restart();

  // The old signing certificate is still below a pinned root, and older than the newest seen.
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.drain();
  const Bytes request = std::exchange(world.wire, {}).front().bytes;
  Manager old{both.identity, {}, world.entropy.seed()};
  const auto done = world.agent->handle_answer(serve(old, world.ledger, request, world.truth).body,
                                               world.clock.now);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Errc::chain_untrusted);

  // M14, M2: an old trust file, given again, takes nothing back.
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  ASSERT_TRUE(world.agent->deregister(world.clock.now));
  world.live(one_day);
  ASSERT_FALSE(world.agent->licence().registered());
  world.register_with(world.token());
  EXPECT_EQ(world.state().trust->roots.version(), 2U);
  EXPECT_EQ(world.state().newest_signing, rotated.signing.certificate.serial());
  EXPECT_TRUE(world.agent->licence().registered());
}

// M4: another manager's trust file is pinned anew.
TEST(AgentTrust, AnotherManager) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->deregister(world.clock.now));
  world.settle();
  world.authority = *new_authority(world.entropy, world.truth);
  world.use(world.authority.identity);
  world.register_with(world.token());
  EXPECT_TRUE(world.agent->licence().registered());
  EXPECT_EQ(world.state().trust->manager, world.authority.identity.manager);
  world.restart();
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "asked for again, and granted by the new one";
}

}  // namespace
}  // namespace smartlic::licensing::test
