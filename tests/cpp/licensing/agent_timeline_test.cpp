// Agent and Licence give one timeline (DESIGN 3), over restarts: a random life is lived by the real
// agent against the real manager, and by a Licence that is told the same typed facts and is never
// restarted. After each step their events are equal, and the agent's state reads back as itself.

#include <array>
#include <iostream>
#include <random>

#include "agent_world.hpp"
#include "message/answer_ladder.hpp"

namespace smartlic::licensing::test {
namespace {

/// An agent's world, and the licence beside it.
class Life {
 public:
  explicit Life(unsigned seed)
      : random_{seed}, twin_{world.agent->licence().state(), world.config.periods} {}

  void step() {
    const auto action = actions_[random_() % actions_.size()];
    (this->*action)();
    settle();
    check();
  }

  AgentWorld world;
  std::array<std::size_t, rules::event_kinds> told{};
  std::array<std::size_t, 6> modes{};
  std::size_t restarts = 0;

 private:
  [[nodiscard]] int below(int bound) {
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
  }
  [[nodiscard]] const Now& now() const { return world.clock.now; }
  [[nodiscard]] UtcTime time() const { return world.agent->time(now()); }

  // --- what happens in a life

  void live() {
    const UtcTime end = world.truth + below(40 * 24) * one_hour;
    while (world.truth < end) {
      const Ms wait = world.agent->licence().next_deadline() - time();
      world.pass(std::clamp(wait, Ms{0}, end - world.truth));
      timeout();
      settle();
    }
  }
  void timeout() {
    twin_.advance(time(), expected_);
    world.agent->handle_timeout(now());
  }
  void enable() {
    twin_.enable(time(), expected_);
    world.agent->enable(now());
  }
  void disable() {
    if (below(4) != 0) return enable();
    twin_.disable(time(), expected_);
    world.agent->disable(now());
  }
  void register_() {
    same(twin_.register_(time(), expected_),
         world.agent->register_(world.authority.trust, world.token(), now()));
  }
  void request() {
    const auto count = below(4);
    same(twin_.request(time(), expected_), world.agent->request(wanted(count), now()));
  }
  void authorize() { same(twin_.authorize(time(), expected_), world.agent->authorize(now())); }
  void renew() { same(twin_.renew(time(), expected_), world.agent->renew(now())); }
  void deregister() {
    if (below(3) != 0) return register_();
    const auto one = twin_.deregister(time(), expected_);
    const auto other = world.agent->deregister(now());
    EXPECT_EQ(one.ok(), other.ok());
  }
  void switch_link() { world.link = !world.link; }
  void block() {
    static_cast<void>(world.ledger.set_blocked("default", cusp_tag, below(2) == 0, world.truth));
  }
  void administer() {
    if (!world.state().identity || below(3) != 0) return;
    const auto command =
        below(2) == 0 ? InstanceCommand::remove : InstanceCommand::revoke_certificate;
    static_cast<void>(
        world.ledger.administer(world.state().identity->instance, command, world.truth));
  }
  void change_policy() {
    ManagerPolicy policy;
    if (below(2) == 0) {
      policy.certificate = 60 * one_day;
      policy.renew_interval = 30 * one_day;
    }
    if (below(2) == 0) policy.late_renewal = 90 * one_day;
    world.use(world.authority.identity, policy);
  }
  void boot_with_another_clock() {
    world.clock.boot_again();
    world.clock.now.wall += (below(300) - 100) * one_day;
    timeout();
  }
  void jump() {
    world.clock.now.wall += (below(2000) - 1000) * one_hour;
    timeout();
  }
  void mishandle() { mishandled_ = true; }
  void restart() {
    ++restarts;
    twin_.advance(time(), expected_);
    world.restart();
  }

  // --- both at once

  static void same(const Result<void>& one, const Result<void>& other) {
    ASSERT_EQ(one.ok(), other.ok());
    if (!one.ok()) {
      EXPECT_EQ(one.error(), other.error());
    }
  }

  void settle() {
    for (;;) {
      world.drain();
      const auto due = twin_.poll_request();
      ASSERT_EQ(due.has_value(), !world.wire.empty());
      if (!due) return;
      ASSERT_EQ(*due, world.wire.front().kind);
      twin_.opened(Slot::online, *due, time(), expected_);
      answer(std::exchange(world.wire, {}).front().bytes);
    }
  }
  void no_answer(Errc code) {
    twin_.handle_no_answer(code, {}, time(), expected_);
    world.agent->handle_no_answer(code, {}, now());
  }
  void answer(const Bytes& request) {
    if (!world.link) return no_answer(Errc::unreachable);
    Bytes body = serve(*world.manager, world.ledger, request, world.truth).body;
    if (std::exchange(mishandled_, false)) {
      auto& inside = body[body.size() / 2];
      inside = inside == 'A' ? 'B' : 'A';
    }
    const std::vector open{world.open(Slot::online)->open};
    const auto verified = message::verify_answer(
        body, {world.authority.trust.manager, world.authority.trust.roots, {}}, open, chains_);
    const UtcTime believed = time();
    const auto done = world.agent->handle_answer(body, now());
    ASSERT_EQ(done.ok(), verified.ok()) << (done.ok() ? "" : done.error().message());
    if (!done.ok()) return no_answer(done.error().code);
    if (time() != believed) twin_.correct(believed, time(), expected_);
    EXPECT_TRUE(std::visit([this](const auto& it) { return tell(it); }, verified->answer).ok());
  }
  Result<void> tell(const message::RegisterAnswer& it) {
    return twin_.handle_registered(Slot::online, certificate_facts(it.issued, world.config.periods),
                                   time(), expected_);
  }
  Result<void> tell(const message::AuthorizeAnswer& it) {
    const bool out = it.status == message::ComplianceStatus::OutOfCompliance;
    return twin_.handle_granted(Slot::online, {it.start_date, out, it.retry_interval}, time(),
                                expected_);
  }
  Result<void> tell(const message::RenewAnswer& it) {
    return twin_.handle_renewed(Slot::online, certificate_facts(it.issued, world.config.periods),
                                time(), expected_);
  }
  Result<void> tell(const message::DeregisterAnswer&) {
    return twin_.handle_deregistered(Slot::online, time(), expected_);
  }
  Result<void> tell(const message::Refusal& it) {
    return twin_.handle_refused(Slot::online, it.code, it.retry_after, time(), expected_);
  }

  void check() {
    std::erase_if(world.events, [this](const auto& event) {
      ++told[static_cast<std::size_t>(event.kind)];
      return event.kind == EventKind::clock_jumped || event.kind == EventKind::fork_suspected;
    });
    ASSERT_EQ(world.events, expected_);
    world.events.clear();
    expected_.clear();
    ASSERT_EQ(twin_.state(), world.agent->licence().state());
    ++modes[static_cast<std::size_t>(world.mode())];
    const std::string text = world.encoded();
    const auto again = decode_agent_state(as_bytes(text), {});
    ASSERT_TRUE(again) << again.error().message();
    ASSERT_TRUE(encode(*again) == text);
    ASSERT_LE(world.agent->licence().evaluation_used(), world.config.periods.evaluation);
  }

  using Action = void (Life::*)();
  static constexpr std::array<Action, 22> actions_{&Life::live,
                                                   &Life::live,
                                                   &Life::live,
                                                   &Life::live,
                                                   &Life::live,
                                                   &Life::enable,
                                                   &Life::disable,
                                                   &Life::register_,
                                                   &Life::register_,
                                                   &Life::request,
                                                   &Life::request,
                                                   &Life::authorize,
                                                   &Life::renew,
                                                   &Life::deregister,
                                                   &Life::switch_link,
                                                   &Life::block,
                                                   &Life::administer,
                                                   &Life::change_policy,
                                                   &Life::boot_with_another_clock,
                                                   &Life::jump,
                                                   &Life::mishandle,
                                                   &Life::restart};

  std::mt19937 random_;
  rules::Licence twin_;
  rules::Events expected_;
  identity::ChainCache chains_;
  bool mishandled_ = false;
};

TEST(AgentTimeline, AgentAndLicenceGiveOneTimeline) {
  std::array<std::size_t, rules::event_kinds> told{};
  std::array<std::size_t, 6> modes{};
  std::size_t restarts = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life{seed};
    for (int step = 0; step < 150 && !HasFatalFailure(); ++step) life.step();
    ASSERT_FALSE(HasFatalFailure());
    for (std::size_t at = 0; at < told.size(); ++at) told[at] += life.told[at];
    for (std::size_t at = 0; at < modes.size(); ++at) modes[at] += life.modes[at];
    restarts += life.restarts;
  }
  for (std::size_t at = 0; at < modes.size(); ++at) {
    std::cout << to_string(static_cast<Mode>(at)) << ' ' << modes[at] << '\n';
    EXPECT_GT(modes[at], 0U);
  }
  for (std::size_t at = 0; at < told.size(); ++at) {
    const auto kind = static_cast<EventKind>(at);
    std::cout << to_string(kind) << ' ' << told[at] << '\n';
    // Two devices with one identity are not in this life.
    EXPECT_TRUE(told[at] > 0 || kind == EventKind::fork_suspected) << to_string(kind);
  }
  EXPECT_GT(restarts, 0U);
}

// Killed with a request under way, before it arrives or after its decision: no number is used
// twice (M10), no registration is spent twice (M13), no fork is suspected (M11).
TEST(AgentTimeline, KilledAtAnyRequest) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    AgentWorld world;
    std::vector<Bytes> sent;
    const auto crash_or_settle = [&] {
      for (world.drain(); !world.wire.empty(); world.drain()) {
        const Bytes request = std::exchange(world.wire, {}).front().bytes;
        sent.push_back(request);
        const auto fate = random() % 3;
        Bytes answer;
        if (fate != 0) answer = serve(*world.manager, world.ledger, request, world.truth).body;
        if (fate == 2) {
          EXPECT_TRUE(world.agent->handle_answer(answer, world.clock.now).ok());
          continue;
        }
        const Mode before = world.mode();
        world.agent.emplace(*Agent::load(world.disk, world.entropy.seed(), world.clock.now));
        EXPECT_EQ(world.mode(), before);
      }
    };
    world.agent->enable(world.clock.now);
    ASSERT_TRUE(world.agent->register_(world.authority.trust, world.token(), world.clock.now).ok());
    crash_or_settle();
    ASSERT_TRUE(world.agent->request(wanted(2), world.clock.now).ok());
    crash_or_settle();
    while (world.truth < first_day + 200 * one_day) {
      world.pass(world.agent->licence().next_deadline() - world.agent->time(world.clock.now));
      world.agent->handle_timeout(world.clock.now);
      crash_or_settle();
    }
    EXPECT_EQ(world.mode(), Mode::InCompliance);
    EXPECT_EQ(world.ledger.instances().size(), 1U);
    EXPECT_FALSE(world.ledger.instances().begin()->second.fork_suspected);
    EXPECT_FALSE(world.ledger.instances().begin()->second.superseded_seen);
    EXPECT_EQ(world.count(EventKind::fork_suspected), 0);
    EXPECT_EQ(world.count(EventKind::refused), 0) << "not even a stale number";
    EXPECT_GE(world.count(EventKind::certificate_renewed), 1);
  }
}

}  // namespace
}  // namespace smartlic::licensing::test
