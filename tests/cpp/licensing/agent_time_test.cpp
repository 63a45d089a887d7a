// Licensing time through the real agent (RULES T1, T2, T4, M10).

#include "agent_world.hpp"

namespace smartlic::licensing::test {
namespace {

class AgentTime : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] Ms off() const { return GetParam() * one_day; }
  [[nodiscard]] Ms error_of(const AgentWorld& world) const {
    return world.agent->time(world.clock.now) - world.truth;
  }
};

INSTANTIATE_TEST_SUITE_P(Days, AgentTime, ::testing::Values(-4000, -400, -1, 1, 400, 4000),
                         [](const auto& each) {
                           return (each.param < 0 ? "Behind" : "Ahead") +
                                  std::to_string(std::abs(each.param));
                         });

// T2, T3, M10: a product that is made with a clock far off registers all the same: the refusal
// `clock_off` corrects it, and the request is made once more at once.
TEST_P(AgentTime, FirstContactRecovers) {
  AgentWorld world;
  world.clock.now.wall += off();
  world.agent.emplace(*Agent::create(world.config, world.entropy.seed(), world.clock.now));
  world.settle();
  ASSERT_EQ(error_of(world), off());
  world.enable();
  const Ms used = world.agent->licence().evaluation_used();
  world.register_with(world.token());
  EXPECT_EQ(error_of(world), Ms{0});
  ASSERT_EQ(world.sent.size(), 2U) << "refused as clock_off, then accepted";
  EXPECT_EQ(world.last(EventKind::registration_failed).code, Errc::clock_off);
  EXPECT_EQ(world.count(EventKind::registered), 1);
  const auto corrected = world.last(EventKind::clock_corrected);
  EXPECT_EQ(corrected.from, world.truth + off());
  EXPECT_EQ(corrected.to, world.truth);
  EXPECT_EQ(world.agent->licence().evaluation_used(), used) << "a correction uses none";
  EXPECT_EQ(world.count(EventKind::clock_jumped), 0) << "the wall clock did not jump";
}

// T1: across boots the wall clock counts forwards only; T2 puts it right, in both directions.
TEST_P(AgentTime, AcrossABoot) {
  AgentWorld world;
  world.bring_up();
  world.live(one_day);
  world.clock.boot_again();
  world.pass(one_hour);
  world.clock.now.wall += off();
  world.link = false;
  world.restart();
  const bool ahead = off() > Ms{0};
  // Behind by a day or more: L stands still where it was saved, an hour too early.
  EXPECT_EQ(error_of(world), ahead ? off() : -one_hour);
  EXPECT_EQ(world.count(EventKind::clock_jumped), ahead ? 0 : 1);
  if (off() > 90 * one_day) {
    EXPECT_NE(world.mode(), Mode::InCompliance) << "falsely expired";
  }
  world.link = true;
  world.live(one_day);
  static_cast<void>(world.agent->authorize(world.clock.now));
  world.settle();
  world.live(one_day);
  EXPECT_EQ(world.mode(), Mode::InCompliance) << "undone by the truth";
  EXPECT_EQ(error_of(world), Ms{0});
}

// T4: within a boot a jump of the wall clock is an event and nothing else.
TEST_P(AgentTime, JumpWithinABoot) {
  AgentWorld world;
  world.bring_up();
  world.live(one_day);
  const UtcTime deadline = world.agent->licence().next_deadline();
  world.clock.now.wall += off();
  world.agent->handle_timeout(world.clock.now);
  world.settle();
  EXPECT_EQ(world.agent->time(world.clock.now), world.truth);
  EXPECT_EQ(world.agent->licence().next_deadline(), deadline);
  ASSERT_EQ(world.count(EventKind::clock_jumped), 1);
  const auto jump = world.last(EventKind::clock_jumped);
  EXPECT_EQ(jump.from, world.truth);
  EXPECT_EQ(jump.to, world.truth + off());
  EXPECT_EQ(world.mode(), Mode::InCompliance);
}

// T2: L may lie between the answer's time and that plus what has passed since the request.
TEST(AgentTimeBounds, NearestEndOfWhatIsPossible) {
  AgentWorld world;
  world.bring_up();
  const auto ask = [&](Ms behind, Ms under_way) {
    EXPECT_TRUE(world.agent->authorize(world.clock.now).ok());
    world.drain();
    const Send send = std::exchange(world.wire, {}).front();
    const Bytes answer = serve(*world.manager, world.ledger, send.bytes, world.truth - behind).body;
    world.pass(under_way);
    const UtcTime believed = world.agent->time(world.clock.now);
    EXPECT_TRUE(world.agent->handle_answer(answer, world.clock.now).ok());
    world.settle();
    return world.agent->time(world.clock.now) - believed;
  };
  const Ms minute = std::chrono::minutes{1};
  EXPECT_EQ(ask(Ms{0}, 3 * minute), Ms{0}) << "somewhere in the three minutes it was made";
  EXPECT_EQ(ask(-3 * minute, 3 * minute), Ms{0}) << "the answer is of right now";
  EXPECT_EQ(ask(-4 * minute, 3 * minute), minute) << "L was behind its time";
  world.truth += minute;
  EXPECT_EQ(ask(2 * minute, minute), -minute * 2) << "L was later than its time plus the way";
}

// T2: over a boot it is unknown how long an answer took, so only the lower bound holds.
TEST(AgentTimeBounds, AnswerAcrossABoot) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->export_request(world.clock.now).ok());
  world.drain();
  const Bytes answer = world.answer_file();
  world.pass(one_day);
  world.clock.boot_again();
  world.restart();
  EXPECT_TRUE(world.take(answer).ok());
  EXPECT_EQ(world.agent->time(world.clock.now), world.truth);
  EXPECT_EQ(world.count(EventKind::clock_corrected), 0);
}

// E5, T2: an answer that is over by the truth it proves changes nothing, the clock included.
TEST(AgentTimeBounds, AnswerThatIsOverChangesNothing) {
  AgentWorld world;
  world.bring_up();
  ASSERT_TRUE(world.agent->authorize(world.clock.now).ok());
  world.drain();
  const Send send = std::exchange(world.wire, {}).front();
  const Bytes answer = serve(*world.manager, world.ledger, send.bytes, world.truth).body;
  const auto acked = world.state().acked;
  world.pass(90 * one_day);
  world.agent->handle_timeout(world.clock.now);
  ASSERT_EQ(world.mode(), Mode::AuthorizationExpired);
  const auto done = world.agent->handle_answer(answer, world.clock.now);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Errc::authorization_over);
  EXPECT_EQ(world.mode(), Mode::AuthorizationExpired);
  EXPECT_EQ(world.state().acked, acked);
  EXPECT_EQ(world.agent->time(world.clock.now), world.truth);
  EXPECT_TRUE(world.open(Slot::online)) << "M8: the slot stays open";
  const auto before = world.count_sent(RequestKind::authorization);
  world.live(std::chrono::minutes{2});
  EXPECT_EQ(world.count_sent(RequestKind::authorization), before + 1) << "it asks again";
  EXPECT_EQ(world.mode(), Mode::InCompliance);
}

// T2, E7: a certificate that ended only by a false clock is valid again; the request it closed
// stays closed.
TEST(AgentTimeBounds, FalseCertificateEnd) {
  AgentWorld world;
  world.bring_up();
  world.clock.boot_again();
  world.clock.now.wall += 400 * one_day;
  world.link = false;
  world.restart();
  EXPECT_FALSE(world.agent->licence().registered());
  EXPECT_EQ(world.count(EventKind::certificate_ended), 1);
  world.link = true;
  world.live(one_day);
  EXPECT_TRUE(world.agent->licence().registered());
  EXPECT_EQ(world.mode(), Mode::InCompliance);
  EXPECT_EQ(world.count(EventKind::certificate_ended), 1) << "recorded events stay recorded";
}

}  // namespace
}  // namespace smartlic::licensing::test
