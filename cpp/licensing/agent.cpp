// The agent: life cycle, commands, inputs. Requests are made in agent_requests.cpp, answers applied
// in agent_answers.cpp.

#include "licensing/agent.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace smartlic::licensing {
namespace {

constexpr Ms save_interval = std::chrono::hours{1};  // RULES T1
constexpr std::size_t cached_chains = 16;            // an agent meets one manager and its rotations
constexpr std::size_t max_tags = 64;
constexpr std::int64_t max_count = 1'000'000'000;
// Of one entitlement's texts together, so that 64 of them fit into a message (M1).
constexpr std::size_t max_text = 500;
constexpr std::size_t max_name = 255;  // software tag, hostname

Result<void> check_config(const AgentConfig& config) {
  if (auto udi = identity::Udi::make(config.udi.product_id, config.udi.serial); !udi)
    return udi.error();
  if (config.software_tag.size() > max_name || config.hostname.value_or("").size() > max_name)
    return Error{Errc::invalid_argument, "software tag and hostname have at most 255 bytes"};
  if (config.rsa_bits < 2048 || config.rsa_bits > 4096)
    return Error{Errc::invalid_argument, "an RSA key has 2048 to 4096 bits"};
  return {};
}

Result<void> check_entitlements(const std::vector<message::EntitlementRequest>& entitlements) {
  if (entitlements.size() > max_tags)
    return Error{Errc::invalid_argument, "at most 64 entitlement tags"};
  std::set<std::string_view> seen;
  for (const auto& each : entitlements) {
    if (each.tag.empty()) return Error{Errc::invalid_argument, "an entitlement tag is empty"};
    if (each.tag.size() + each.version.size() + each.display_name.size() > max_text) {
      return Error{Errc::invalid_argument,
                   "an entitlement's tag, version and display name have at most 500 bytes"};
    }
    if (!seen.insert(each.tag).second)
      return Error{Errc::invalid_argument, each.tag + " is requested twice"};
    if (each.count < 1 || each.count > max_count) {
      return Error{Errc::invalid_argument,
                   "the count of " + each.tag + " is not between 1 and 1,000,000,000"};
    }
  }
  return {};
}

}  // namespace

Agent::Agent(AgentState state, const identity::Entropy::Seed& seed, std::string passphrase)
    : state_{std::move(state)},
      clock_{state_.licensing, state_.seen},
      licence_{state_.licence, state_.config.periods},
      entropy_{seed},
      passphrase_{std::move(passphrase)},
      chains_{std::make_unique<identity::ChainCache>(cached_chains)},
      saved_at_{state_.licensing} {}

Result<Agent> Agent::create(const AgentConfig& config, const identity::Entropy::Seed& seed,
                            const Now& now, std::string passphrase,
                            std::optional<identity::PrivateKey> first_key) {
  if (auto ok = check_config(config); !ok) return ok.error();
  identity::Entropy entropy{seed};
  const rules::Licence licence{now.wall, entropy.u64(), config.periods};
  AgentState state;
  state.config = config;
  state.licensing = now.wall;
  state.seen = now;
  state.licence = licence.state();
  state.mode_since = now.wall;
  if (first_key) {
    auto stored = StoredKey::make(*std::move(first_key), passphrase, entropy);
    if (!stored) return stored.error();
    state.registration_key = *std::move(stored);
  }
  Agent agent{std::move(state), entropy.seed(), std::move(passphrase)};
  agent.leave(now, true);
  return agent;
}

Result<Agent> Agent::load(ByteView text, const identity::Entropy::Seed& seed, const Now& now,
                          std::string passphrase, const rules::Periods& periods) {
  auto state = decode_agent_state(text, passphrase, periods);
  if (!state) return state.error();
  Agent agent{*std::move(state), seed, std::move(passphrase)};
  agent.enter(now);
  agent.licence_.ask_again(rules::Slot::online);  // whoever waited for it is gone
  agent.leave(now, true);
  return agent;
}

std::optional<std::int64_t> Agent::limit(const Catalogue& catalogue) const {
  if (!state_.answered && !licence_.state().requesting) return std::nullopt;
  const auto& counted = state_.answered ? *state_.answered : state_.requested;
  std::int64_t sum = 0;
  for (const auto& each : counted) sum += each.count * catalogue.cps(each.tag).value_or(0);
  return sum;
}

UtcTime Agent::next_deadline() const {
  return std::min(licence_.next_deadline(), saved_at_ + save_interval);
}

UtcTime Agent::next_request() const {
  const UtcTime due = licence_.next_request();
  if (!licence_.registered()) return due;
  return std::min(due, licence_.state().certificate->not_after);
}

// --- commands
// -------------------------------------------------------------------------------------------------------

void Agent::enable(const Now& now) {
  licence_.enable(enter(now), events_);
  leave(now, true);
}

void Agent::disable(const Now& now) {
  licence_.disable(enter(now), events_);
  leave(now, true);
}

Result<void> Agent::register_(const message::TrustFile& trust, const PendingToken& token,
                              const Now& now) {
  auto done = licence_.register_(enter(now), events_);
  if (done) {
    const bool same_manager = state_.trust && state_.trust->manager == trust.manager;
    if (!same_manager) state_.newest_signing.reset();
    // A root set of the same manager only rises (M2): an old trust file does not undo a root swap.
    if (!same_manager || state_.trust->roots.accepts(trust.roots)) state_.trust = trust;
    state_.token = token;
  }
  leave(now, done.ok());
  return done;
}

Result<void> Agent::request(std::vector<message::EntitlementRequest> entitlements, const Now& now) {
  if (auto ok = check_entitlements(entitlements); !ok) return ok;
  auto done = licence_.request(enter(now), events_);
  if (done) state_.requested = std::move(entitlements);
  leave(now, done.ok());
  return done;
}

Result<void> Agent::authorize(const Now& now) {
  auto done = licence_.authorize(enter(now), events_);
  leave(now, done.ok());
  return done;
}

Result<void> Agent::renew(const Now& now) {
  auto done = licence_.renew(enter(now), events_);
  leave(now, done.ok());
  return done;
}

Result<bool> Agent::deregister(const Now& now) {
  auto done = licence_.deregister(enter(now), events_);
  leave(now, done.ok());
  return done;
}

// --- inputs
// ---------------------------------------------------------------------------------------------------------

void Agent::handle_timeout(const Now& now) {
  enter(now);
  leave(now, false);
}

void Agent::handle_no_answer(Errc code, std::optional<Ms> retry_after, const Now& now) {
  licence_.handle_no_answer(code, retry_after, enter(now), events_);
  leave(now, true);
}

// --- outputs
// --------------------------------------------------------------------------------------------------------

std::optional<Output> Agent::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  Output first = std::move(outputs_.front());
  outputs_.pop_front();
  return first;
}

// --- around every input
// ---------------------------------------------------------------------------------------------

// Looks at the clocks and runs all deadlines up to now, before the input itself (E3).
UtcTime Agent::enter(const Now& now) {
  const auto jump = clock_.observe(now);
  const UtcTime at = clock_.licensing();
  licence_.advance(at, events_);
  if (jump) {
    events_.push_back({.kind = rules::EventKind::clock_jumped,
                       .at = at,
                       .from = jump->expected,
                       .to = jump->shown});
  }
  return at;
}

// Makes the request that is due, and puts everything that came of the input into the queue, in its
// order (DESIGN 3).
void Agent::leave(const Now& now, bool changed) {
  const UtcTime at = clock_.licensing();
  drop_closed();
  while (const auto kind = licence_.poll_request()) {
    changed = true;
    if (auto sent = send(rules::Slot::online, *kind, now); !sent) {
      // It could not even be made: nothing waits for an answer, and it is tried again later.
      state_.open[static_cast<std::size_t>(rules::Slot::online)].reset();
      licence_.opened(rules::Slot::online, *kind, at, events_);
      licence_.handle_no_answer(sent.error().code, {}, at, events_);
    }
  }
  for (const auto& event : events_) {
    if (event.kind == rules::EventKind::mode_changed) {
      state_.mode_since = event.at;
      state_.mode_cause = event.cause;
    }
    state_.recent.push_back(event);
    if (state_.recent.size() > kept_events) state_.recent.pop_front();
  }
  state_.licensing = clock_.licensing();
  state_.seen = clock_.seen();
  state_.licence = licence_.state();
  if (changed || !events_.empty() || at >= saved_at_ + save_interval || at < saved_at_) {
    const std::string text = encode(state_);
    outputs_.emplace_back(Persist{Bytes(text.begin(), text.end())});
    saved_at_ = at;
  }
  for (auto& each : std::exchange(sends_, {})) outputs_.emplace_back(std::move(each));
  for (const auto& each : std::exchange(events_, {})) outputs_.emplace_back(Notify{each});
}

// What the licence has let go of (E7, E9) is forgotten here too.
void Agent::drop_closed() {
  for (const auto slot : {rules::Slot::online, rules::Slot::exported}) {
    if (!licence_.open(slot)) state_.open[static_cast<std::size_t>(slot)].reset();
  }
  if (licence_.state().certificate || !state_.identity) return;
  state_.identity.reset();
  state_.identity_proof.reset();
  state_.key.reset();
  state_.renewal_key.reset();
  state_.request_no = 0;
  state_.acked.clear();
}

}  // namespace smartlic::licensing
