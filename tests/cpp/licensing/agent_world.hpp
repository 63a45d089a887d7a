#pragma once
// A virtual world: an agent, a manager with its ledger, the link between them, and the device's
// clock. `settle()` does what a driver does; time passes only when a test says so.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "identity/encoding.hpp"
#include "licensing/agent.hpp"
#include "licensing/authority_setup.hpp"
#include "licensing/memory_ledger.hpp"
#include "licensing/registration_token.hpp"

namespace smartlic {

// How GoogleTest prints what differs.
inline void PrintTo(Mode mode, std::ostream* out) { *out << to_string(mode); }
inline void PrintTo(Errc code, std::ostream* out) { *out << to_string(code); }

namespace rules {
inline void PrintTo(const Event& event, std::ostream* out) {
  *out << to_string(event.kind) << " at " << event.at.time_since_epoch().count() << " ("
       << to_string(event.before) << " -> " << to_string(event.after) << ", "
       << to_string(event.cause) << ")";
}
}  // namespace rules

namespace licensing::test {

using rules::EventKind;
using rules::RequestKind;
using rules::Slot;

inline constexpr UtcTime first_day{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
inline constexpr Ms one_hour = std::chrono::hours{1};
inline const std::string cusp_tag = Catalogue{}.entries().front().tag;

inline std::vector<message::EntitlementRequest> wanted(std::int64_t count) {
  if (count == 0) return {};
  return {{cusp_tag, count, "1.0", "CUSP-5 calls per second"}};
}

/// The device's clocks. The wall clock may be wrong; the boot clock is not.
struct DeviceClock {
  Now now{first_day, BootTime{std::chrono::hours{5}}, Uuid{{1}}};

  void pass(Ms duration) {
    now.wall += duration;
    now.boot += duration;
  }
  void boot_again() {
    now.boot = BootTime{std::chrono::seconds{40}};
    ++now.boot_id.bytes[0];
  }
};

struct AgentWorld {
  explicit AgentWorld(identity::Algorithm algorithm = identity::Algorithm::es256) {
    config.algorithm = algorithm;
    ledger.add_tag(cusp_tag, truth);
    EXPECT_TRUE(ledger.purchase("default", cusp_tag, {2, truth, never}, truth));
    agent.emplace(*Agent::create(config, entropy.seed(), clock.now, passphrase));
    settle();
  }

  // --- time: the manager's, which is true, and the device's

  void pass(Ms duration) {
    truth += duration;
    clock.pass(duration);
  }
  /// Time passes, and the driver comes back at each deadline. The hourly save is left out, to be
  /// quick; `hourly_save` tests it.
  void live(Ms duration) {
    const UtcTime end = truth + duration;
    for (;;) {
      const Ms wait = agent->licence().next_deadline() - agent->time(clock.now);
      if (agent->licence().next_deadline() == never || wait > end - truth) break;
      pass(std::max(wait, Ms{0}));
      agent->handle_timeout(clock.now);
      settle();
    }
    pass(end - truth);
    agent->handle_timeout(clock.now);
    settle();
  }

  // --- the driver

  /// Takes the outputs in their order, without answering: what is sent waits in `wire` or `files`.
  void drain() {
    while (auto output = agent->poll_output()) {
      if (const auto* persist = std::get_if<Persist>(&*output)) disk = persist->state;
      if (const auto* send = std::get_if<Send>(&*output)) {
        (send->slot == Slot::online ? wire : files).push_back(*send);
      }
      if (const auto* notify = std::get_if<Notify>(&*output)) events.push_back(notify->event);
    }
  }
  /// Answers whatever is on the wire, until nothing is sent any more.
  void settle() {
    for (drain(); !wire.empty(); drain()) {
      EXPECT_EQ(wire.size(), 1U) << "one online request at a time";
      const Send send = std::exchange(wire, {}).front();
      sent.push_back(send);
      if (!link) {
        agent->handle_no_answer(Errc::unreachable, {}, clock.now);
        continue;
      }
      answers.push_back(serve(*manager, ledger, send.bytes, truth).body);
      answered = agent->handle_answer(answers.back(), clock.now);
      if (!answered.ok()) agent->handle_no_answer(answered.error().code, {}, clock.now);
    }
  }
  /// Carries the newest exported file to the manager and the answer back.
  Bytes answer_file() {
    return serve(*manager, ledger, files.back().bytes, truth, Channel::exported).body;
  }
  Result<void> take(ByteView answer) {
    auto done = agent->handle_answer(answer, clock.now);
    settle();
    return done;
  }
  /// The process ends, and begins again with what is on the disk.
  void restart() {
    auto loaded = Agent::load(disk, entropy.seed(), clock.now, passphrase);
    ASSERT_TRUE(loaded) << loaded.error().message();
    agent.emplace(*std::move(loaded));
    settle();
  }

  // --- commands, each followed by the driver's work

  PendingToken token(std::int64_t max_uses = 1) {
    const auto made = *make_token(entropy, "default", never, max_uses);
    EXPECT_TRUE(ledger.add_token(made.record, truth));
    const auto parts = *parse_token(made.text);
    return {parts.id, parts.secret_hash};
  }
  void enable() {
    agent->enable(clock.now);
    settle();
  }
  void disable() {
    agent->disable(clock.now);
    settle();
  }
  void register_with(const PendingToken& token) {
    EXPECT_TRUE(agent->register_(authority.trust, token, clock.now));
    settle();
  }
  void request(std::int64_t count) {
    EXPECT_TRUE(agent->request(wanted(count), clock.now));
    settle();
  }
  /// Enabled, registered and, if anything is requested, authorized.
  void bring_up(std::int64_t count = 2) {
    enable();
    register_with(token());
    if (count > 0) request(count);
  }

  // --- what to look at

  [[nodiscard]] Mode mode() const { return agent->mode(); }
  [[nodiscard]] const AgentState& state() const { return agent->state(); }
  [[nodiscard]] std::string encoded() const { return encode(agent->state()); }
  [[nodiscard]] auto count(EventKind kind) const {
    return std::ranges::count(events, kind, &rules::Event::kind);
  }
  [[nodiscard]] auto count_sent(RequestKind kind) const {
    return std::ranges::count(sent, kind, &Send::kind);
  }
  [[nodiscard]] rules::Event last(EventKind kind) const {
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [kind](const auto& each) { return each.kind == kind; });
    EXPECT_NE(found, events.rend()) << "no event " << to_string(kind);
    return found == events.rend() ? rules::Event{} : *found;
  }
  [[nodiscard]] std::vector<rules::Event> mode_changes() const {
    std::vector<rules::Event> out;
    std::ranges::copy_if(events, std::back_inserter(out),
                         [](const auto& each) { return each.kind == EventKind::mode_changed; });
    return out;
  }
  [[nodiscard]] const rules::Due& due(RequestKind kind) const {
    return agent->licence().state().due[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] const std::optional<OpenDetails>& open(Slot slot) const {
    return state().open[static_cast<std::size_t>(slot)];
  }
  const InstanceRecord& record() { return ledger.instances().at(state().identity->instance); }
  void use(const ManagerIdentity& identity, const ManagerPolicy& policy = {}) {
    manager.emplace(identity, policy, entropy.seed());
  }

  identity::Entropy entropy{identity::Entropy::Seed{7}};
  UtcTime truth = first_day;
  DeviceClock clock;
  NewAuthority authority = *new_authority(entropy, first_day);
  MemoryLedger ledger;
  std::optional<Manager> manager{std::in_place, authority.identity, ManagerPolicy{},
                                 entropy.seed()};
  AgentConfig config{.udi = *identity::Udi::make("CUSP", "ABCDEFGHIJK"),
                     .software_tag = "regid.2014-08.com.cisco.CUSP,1.0",
                     .hostname = "sip-1",
                     .algorithm = identity::Algorithm::es256,
                     .rsa_bits = 2048,
                     .periods = {}};
  std::string passphrase;
  bool link = true;
  std::optional<Agent> agent;
  Bytes disk;
  std::vector<Send> wire;
  std::vector<Send> files;
  std::vector<Send> sent;
  std::vector<Bytes> answers;
  Result<void> answered;  ///< what became of the last one
  std::vector<rules::Event> events;
};

/// Reads what is on the disk as another process would.
inline AgentState on_disk(const AgentWorld& world) {
  auto state = decode_agent_state(world.disk, world.passphrase);
  EXPECT_TRUE(state) << state.error().message();
  return *std::move(state);
}

}  // namespace licensing::test
}  // namespace smartlic
