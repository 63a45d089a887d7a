// The agent's outputs and commands (DESIGN 3; RULES E9, M10, T1).

#include "agent_world.hpp"

#include <gmock/gmock.h>

namespace smartlic::licensing::test {
namespace {

std::vector<Output> outputs_of(Agent& agent) {
  std::vector<Output> out;
  while (auto output = agent.poll_output()) out.push_back(*std::move(output));
  return out;
}

// DESIGN 3: durable write first, then what is sent, then what is told.
TEST(AgentOutputs, PersistThenSendThenNotify) {
  AgentWorld world;
  world.agent->enable(world.clock.now);
  ASSERT_TRUE(world.agent->register_(world.authority.trust, world.token(), world.clock.now).ok());
  outputs_of(*world.agent);
  // One input that causes all three: the request is not answered, and another one is due at once.
  ASSERT_TRUE(world.agent->request(wanted(2), world.clock.now).ok());
  world.agent->handle_no_answer(Errc::unreachable, Ms{0}, world.clock.now);
  outputs_of(*world.agent);
  world.pass(std::chrono::hours{1});
  world.clock.now.wall += one_day;  // a jump, which is told (T4)
  world.agent->handle_timeout(world.clock.now);
  const auto outputs = outputs_of(*world.agent);
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Persist>(outputs[0]));
  EXPECT_TRUE(std::holds_alternative<Send>(outputs[1]));
  EXPECT_TRUE(std::holds_alternative<Notify>(outputs[2]));
}

// DESIGN 3: a new key is durable before its CSR leaves; M10: so is the request's number.
TEST(AgentOutputs, WhatIsSentIsDurableBefore) {
  AgentWorld world;
  world.link = false;
  world.enable();
  ASSERT_TRUE(world.agent->register_(world.authority.trust, world.token(), world.clock.now).ok());
  world.drain();
  const auto registering = on_disk(world);
  ASSERT_TRUE(registering.registration_key);
  EXPECT_EQ(registering.registration_key->key.public_key().thumbprint(),
            message::recall_open_request(world.wire.front().bytes)->key_thumbprint);
  EXPECT_EQ(registering.open[0]->sealed, world.wire.front().bytes);

  world.link = true;
  world.settle();
  world.request(2);
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.drain();
  const auto asking = on_disk(world);
  EXPECT_EQ(asking.request_no, 2U);
  EXPECT_EQ(asking.open[0]->sealed, world.wire.front().bytes);

  world.settle();
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.drain();
  const auto renewing = on_disk(world);
  ASSERT_TRUE(renewing.renewal_key);
  EXPECT_EQ(renewing.renewal_key->key.public_key().thumbprint(),
            message::recall_open_request(world.wire.front().bytes)->key_thumbprint);
  EXPECT_EQ(renewing.request_no, 3U);
}

TEST(AgentOutputs, ExportedRequestIsDurableBefore) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  const auto outputs = outputs_of(*world.agent);
  ASSERT_EQ(outputs.size(), 2U);
  const auto saved = decode_agent_state(std::get<Persist>(outputs[0]).state, {});
  EXPECT_EQ(saved->open[1]->sealed, std::get<Send>(outputs[1]).bytes);
  EXPECT_EQ(std::get<Send>(outputs[1]).slot, Slot::exported);
}

// E9: nothing is sent while Disabled, whatever falls due.
TEST(AgentOutputs, NothingIsSentWhileDisabled) {
  AgentWorld world;
  world.bring_up();
  world.disable();
  const auto before = world.sent.size();
  world.live(400 * one_day);
  EXPECT_EQ(world.sent.size(), before);
  world.agent->enable(world.clock.now);
  world.drain();
  EXPECT_EQ(world.wire.size(), 1U);
}

// An online request is answered or given up before the next is made.
TEST(AgentOutputs, OneOnlineRequestAtATime) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.drain();
  ASSERT_EQ(world.wire.size(), 1U);
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  ASSERT_TRUE(world.agent->request(wanted(1), world.clock.now).ok());
  world.pass(one_day);
  world.agent->handle_timeout(world.clock.now);
  world.drain();
  EXPECT_EQ(world.wire.size(), 1U);
  world.agent->handle_no_answer(Errc::timed_out, {}, world.clock.now);
  world.drain();
  EXPECT_EQ(world.wire.size(), 2U);
}

// T1: L is saved at least hourly, and `next_deadline` comes back for it.
TEST(AgentOutputs, HourlySave) {
  AgentWorld world;
  const auto saved = world.clock.now.wall;
  EXPECT_EQ(world.agent->next_deadline(), saved + one_hour);
  world.pass(one_hour - Ms{1});
  world.agent->handle_timeout(world.clock.now);
  EXPECT_FALSE(world.agent->poll_output());
  world.pass(Ms{1});
  world.agent->handle_timeout(world.clock.now);
  world.drain();
  EXPECT_EQ(on_disk(world).licensing, saved + one_hour);
  EXPECT_EQ(world.agent->next_deadline(), saved + 2 * one_hour);
}

// E9: an error names state and command, and changes nothing.
TEST(AgentCommands, RefusedOnesChangeNothing) {
  AgentWorld world;
  const auto refused = [&](const Result<void>& done, std::string_view command,
                           std::string_view state, const std::string& before) {
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, Errc::command_refused);
    EXPECT_THAT(done.error().detail, testing::HasSubstr(command));
    EXPECT_THAT(done.error().detail, testing::HasSubstr(state));
    EXPECT_TRUE(world.encoded() == before);
    EXPECT_FALSE(world.agent->poll_output()) << "nothing to save, send or tell";
  };
  const auto outcome = [](const Result<bool>& done) {
    return done.ok() ? Result<void>{} : Result<void>{done.error()};
  };
  auto& agent = *world.agent;
  const Now now = world.clock.now;
  const auto token = world.token(2);

  auto before = world.encoded();
  refused(agent.register_(world.authority.trust, token, now), "register", "disabled", before);
  refused(agent.request(wanted(2), now), "request", "disabled", before);
  refused(agent.authorize(now), "authorize", "disabled", before);
  refused(agent.renew(now), "renew", "disabled", before);
  refused(outcome(agent.deregister(now)), "deregister", "disabled", before);
  refused(agent.export_request(now), "export", "disabled", before);

  world.enable();
  before = world.encoded();
  refused(agent.authorize(now), "authorize", "unidentified", before);
  refused(agent.renew(now), "renew", "unidentified", before);
  refused(outcome(agent.deregister(now)), "deregister", "unidentified", before);
  refused(agent.export_request(now), "export", "nothing is asked for", before);

  world.register_with(token);
  before = world.encoded();
  refused(agent.register_(world.authority.trust, token, now), "register", "registered", before);
  refused(agent.authorize(now), "authorize", "nothing is requested", before);
  refused(agent.export_request(now), "export", "nothing is asked for", before);
}

// E9: enabling twice and disabling twice succeed and change nothing.
TEST(AgentCommands, EnablingOrDisablingTwiceChangesNothing) {
  AgentWorld world;
  world.bring_up();
  auto before = world.encoded();
  world.enable();
  EXPECT_TRUE(world.encoded() == before);
  world.disable();
  before = world.encoded();
  world.disable();
  EXPECT_TRUE(world.encoded() == before);
  EXPECT_EQ(world.count(EventKind::mode_changed), 3);
}

TEST(AgentCommands, ArgumentsOutsideTheirRangeChangeNothing) {
  AgentWorld world;
  world.bring_up();
  const auto before = world.encoded();
  const auto refused = [&](const std::vector<message::EntitlementRequest>& entitlements) {
    const auto done = world.agent->request(entitlements, world.clock.now);
    EXPECT_TRUE(!done.ok() && done.error().code == Errc::invalid_argument);
    EXPECT_TRUE(world.encoded() == before);
  };
  const auto with_count = [](std::int64_t count) {
    auto out = wanted(1);
    out.front().count = count;
    return out;
  };
  refused(with_count(0));
  refused(with_count(-1));
  refused(with_count(1'000'000'001));
  refused({wanted(1).front(), wanted(2).front()});
  refused({{"", 1, "1.0", "no tag"}});
  refused({{"tag", 1, "1.0", std::string(495, 'x')}});
  std::vector<message::EntitlementRequest> many;
  for (int i = 0; i < 65; ++i) many.push_back({"tag" + std::to_string(i), 1, "1.0", ""});
  refused(many);
  // What is just inside goes through to the manager: 64 tags of full length fit in a message.
  many.pop_back();
  for (auto& each : many) each.display_name = std::string(497 - each.tag.size(), 'x');
  ASSERT_TRUE(world.agent->request(many, world.clock.now).ok());
  world.settle();
  EXPECT_EQ(world.last(EventKind::refused).code, Errc::entitlement_denied);
  world.restart();
}

TEST(AgentCommands, AProductThatNoManagerCouldKnowIsNotMade) {
  AgentWorld world;
  const auto refused = [&](auto change) {
    AgentConfig config = world.config;
    change(config);
    const auto made = Agent::create(config, world.entropy.seed(), world.clock.now);
    return !made.ok() && made.error().code == Errc::invalid_argument;
  };
  EXPECT_TRUE(refused([](auto& it) { it.udi.serial = "with,comma"; }));
  EXPECT_TRUE(refused([](auto& it) { it.software_tag = std::string(256, 'x'); }));
  EXPECT_TRUE(refused([](auto& it) { it.hostname = std::string(256, 'x'); }));
  EXPECT_TRUE(refused([](auto& it) { it.rsa_bits = 1024; }));
  EXPECT_TRUE(refused([](auto& it) { it.rsa_bits = 4097; }));
  EXPECT_FALSE(refused([](auto& it) { it.hostname = std::string(255, 'x'); }));
}

}  // namespace
}  // namespace smartlic::licensing::test
