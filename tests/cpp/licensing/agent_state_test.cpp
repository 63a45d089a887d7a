// The agent's durable state (RULES M8, T3; DESIGN 3): what is read back is what was written, and
// what it claims is verified.

#include <functional>

#include "agent_world.hpp"
#include "message/json.hpp"

namespace smartlic::licensing::test {
namespace {

using message::Json;

constexpr message::JsonLimits wide{.max_bytes = std::size_t{1} << 20U, .max_depth = 16};

Json parsed(const std::string& text) { return *message::parse_json(as_bytes(text), wide); }

/// `json` with the member at `path` changed, or removed if `change` gives nothing.
Json edited(const Json& json, std::span<const std::string_view> path,
            const std::function<std::optional<Json>(const Json&)>& change) {
  Json::Object out;
  bool found = false;
  for (const auto& [name, value] : *json.if_object()) {
    if (name != path.front()) {
      out.emplace_back(name, value);
      continue;
    }
    found = true;
    auto changed =
        path.size() == 1 ? change(value) : std::optional{edited(value, path.subspan(1), change)};
    if (changed) out.emplace_back(name, *std::move(changed));
  }
  EXPECT_TRUE(found) << "no member " << path.front();
  return Json{std::move(out)};
}

std::optional<Json> removed(const Json&) { return std::nullopt; }

std::function<std::optional<Json>(const Json&)> set_to(Json value) {
  return [value = std::move(value)](const Json&) { return std::optional{value}; };
}

/// What decoding says: the error's name, or "".
std::string outcome(const std::string& text, std::string_view passphrase = {}) {
  const auto state = decode_agent_state(as_bytes(text), passphrase);
  return state ? std::string{} : std::string{to_string(state.error().code)};
}

/// A state with as much in it as can be: registered, authorized, both slots open, both pending
/// keys, a token.
class AgentStateText : public ::testing::Test {
 protected:
  AgentStateText() {
    ManagerPolicy policy;
    policy.certificate = 60 * one_day;
    policy.renew_interval = 30 * one_day;
    world.use(world.authority.identity, policy);
    world.bring_up();
    world.link = false;
    world.pass(61 * one_day);
    world.agent->handle_timeout(world.clock.now);
    world.settle();
    world.pass(one_day);
    EXPECT_TRUE(world.agent->export_request(world.clock.now).ok());  // the renewal, which is due
    world.drain();
    world.wire.clear();
    world.agent->handle_no_answer(Errc::unreachable, {}, world.clock.now);
    EXPECT_TRUE(world.agent->register_(world.authority.trust, world.token(), world.clock.now).ok());
    world.drain();
    text = world.encoded();
    EXPECT_EQ(world.open(Slot::online)->open.kind, message::Kind::register_instance);
    EXPECT_EQ(world.open(Slot::exported)->open.kind, message::Kind::renew);
  }
  [[nodiscard]] std::string with(std::initializer_list<std::string_view> path,
                                 const std::function<std::optional<Json>(const Json&)>& change) {
    return message::dump(edited(parsed(text), {path.begin(), path.size()}, change));
  }
  AgentWorld world;
  std::string text;
};

TEST_F(AgentStateText, RoundTrip) {
  const auto state = decode_agent_state(as_bytes(text), {});
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_TRUE(encode(*state) == text);
  EXPECT_EQ(state->licence, world.agent->licence().state());
}

// Only the newest signing certificate's number can go unnoticed: there is none yet before the first
// answer of a manager.
TEST_F(AgentStateText, NoMemberCanBeMissing) {
  const Json whole = parsed(text);
  for (const auto& [name, value] : *whole.if_object()) {
    const std::string code = outcome(with({name}, removed));
    EXPECT_EQ(code, name == "v"                ? "state_version"
                    : name == "newest_signing" ? ""
                                               : "state_damaged")
        << name;
  }
}

TEST_F(AgentStateText, NoMemberCanHaveAnotherType) {
  const Json whole = parsed(text);
  for (const auto& [name, value] : *whole.if_object()) {
    const std::string code = outcome(with({name}, set_to(Json{})));
    EXPECT_EQ(code, name == "v" ? "state_version" : "state_damaged") << name;
  }
  EXPECT_EQ(outcome(with({"config", "algorithm"}, set_to("HS256"))), "state_damaged");
  EXPECT_EQ(outcome(with({"config", "rsa_bits"}, set_to(std::int64_t{1024}))), "state_damaged");
  EXPECT_EQ(outcome(with({"licence", "mode"}, set_to("Fine"))), "state_damaged");
  EXPECT_EQ(outcome(with({"licence", "due"}, set_to(Json::Array{}))), "state_damaged");
  EXPECT_EQ(outcome(with({"clock", "boot_id"}, set_to("x"))), "state_damaged");
}

TEST_F(AgentStateText, AnotherVersion) {
  EXPECT_EQ(outcome(with({"v"}, set_to(std::int64_t{2}))), "state_version");
  EXPECT_EQ(outcome(with({"v"}, set_to("1"))), "state_version");
}

TEST_F(AgentStateText, Truncated) {
  for (std::size_t size = 0; size < text.size(); size += text.size() / 50) {
    EXPECT_EQ(outcome(text.substr(0, size)), "state_damaged") << size;
  }
  EXPECT_EQ(outcome("[]"), "state_version");
  EXPECT_EQ(outcome(std::string((std::size_t{1} << 20U) + 1, ' ')), "state_damaged");
}

// The kept answers are verified on load: each byte of what is signed counts.
TEST_F(AgentStateText, AlteredProofs) {
  for (const std::string_view proof : {"identity_proof", "authorization_proof"}) {
    const Json whole = parsed(text);
    const std::string answer = *whole.find(proof)->text("answer");
    for (std::size_t at = 0; at < answer.size(); at += 41) {
      std::string altered = answer;
      altered[at] = altered[at] == 'A' ? 'B' : 'A';
      if (altered == answer) continue;
      EXPECT_EQ(outcome(with({proof, "answer"}, set_to(altered))), "state_damaged")
          << proof << " at " << at;
    }
    // Of a request everything that its hash covers; its own signature proves nothing to us.
    const std::string request = *whole.find(proof)->text("request");
    for (std::size_t at = 0; at < request.find("\"signature\""); at += 41) {
      std::string altered = request;
      altered[at] = altered[at] == 'A' ? 'B' : 'A';
      EXPECT_EQ(outcome(with({proof, "request"}, set_to(altered))), "state_damaged")
          << proof << " at " << at;
    }
    const auto stranger = new_authority(world.entropy, world.truth)->trust;
    EXPECT_EQ(outcome(with({proof, "trust"}, set_to(message::encode(stranger)))), "state_damaged");
    auto renamed = world.authority.trust;
    renamed.manager = world.entropy.uuid();
    EXPECT_EQ(outcome(with({proof, "trust"}, set_to(message::encode(renamed)))), "state_damaged");
  }
}

TEST_F(AgentStateText, ProofsInEachOthersPlace) {
  const Json whole = parsed(text);
  Json::Object as_authorization = *whole.find("identity_proof")->if_object();
  as_authorization.emplace_back("held", Json{true});
  as_authorization.emplace_back("bound", Json{std::int64_t{0}});
  EXPECT_EQ(outcome(with({"authorization_proof"}, set_to(Json{as_authorization}))),
            "state_damaged");
  Json::Object as_identity = *whole.find("authorization_proof")->if_object();
  as_identity.emplace_back("virtual_account", Json{"default"});
  EXPECT_EQ(outcome(with({"identity_proof"}, set_to(Json{as_identity}))), "state_damaged");
}

TEST_F(AgentStateText, SwappedKeys) {
  const auto other = identity::PrivateKey::generate(identity::Algorithm::es256)->to_pem();
  for (const std::string_view key : {"key", "registration_key", "renewal_key"}) {
    EXPECT_EQ(outcome(with({key}, set_to(other))), "state_damaged") << key;
    EXPECT_EQ(outcome(with({key}, set_to("no key"))), "state_damaged") << key;
  }
}

TEST_F(AgentStateText, SlotsThatAreNotTheirRequests) {
  const Json whole = parsed(text);
  const Json online = *whole.find("open_online");
  EXPECT_EQ(outcome(with({"open_exported"}, set_to(online))), "state_damaged");
  EXPECT_EQ(outcome(with({"open_online", "sealed"}, set_to("{}"))), "state_damaged");
  Json::Array slots = *whole.find("licence")->array("slots");
  slots[0] = edited(slots[0], std::array<std::string_view, 1>{"kind"}, set_to(std::int64_t{1}));
  EXPECT_EQ(outcome(with({"licence", "slots"}, set_to(Json{slots}))), "state_damaged");
}

TEST(AgentStateKeys, Passphrase) {
  AgentWorld world;
  world.passphrase = "correct horse";
  world.agent.emplace(
      *Agent::create(world.config, world.entropy.seed(), world.clock.now, world.passphrase));
  world.settle();
  world.bring_up();
  const std::string text = world.encoded();
  EXPECT_EQ(text.find("BEGIN PRIVATE KEY"), std::string::npos);
  EXPECT_NE(text.find("BEGIN ENCRYPTED PRIVATE KEY"), std::string::npos);
  EXPECT_EQ(outcome(text, "correct horse"), "");
  EXPECT_EQ(outcome(text, "wrong horse"), "passphrase_wrong");
  EXPECT_EQ(outcome(text), "passphrase_wrong");
  world.restart();
  EXPECT_TRUE(world.encoded() == text);
  ASSERT_TRUE(world.agent->renew(world.clock.now).ok());
  world.settle();
  EXPECT_EQ(world.count(EventKind::certificate_renewed), 1) << "it still signs";
  EXPECT_EQ(world.encoded().find("BEGIN PRIVATE KEY"), std::string::npos);
}

TEST(AgentStateSecrets, TheTokensSecretIsNotKept) {
  AgentWorld world;
  world.enable();
  world.link = false;
  const auto made = *make_token(world.entropy, "default");
  const auto parts = *parse_token(made.text);
  world.register_with({parts.id, parts.secret_hash});
  const std::string secret = made.text.substr(made.text.find('.') + 1);
  EXPECT_EQ(world.encoded().find(secret), std::string::npos);
  EXPECT_NE(world.encoded().find(parts.id), std::string::npos);
}

// T1: the process may be away for long, and deadlines that passed meanwhile have their own
// instants.
TEST(AgentStateLoad, RunsTheDeadlinesOfTheTimeBetween) {
  AgentWorld world;
  world.bring_up();
  const UtcTime granted = world.truth;
  world.pass(100 * one_day);
  world.link = false;
  world.events.clear();
  world.restart();
  EXPECT_EQ(world.mode(), Mode::AuthorizationExpired);
  EXPECT_EQ(world.last(EventKind::mode_changed).at, granted + 90 * one_day);
}

}  // namespace
}  // namespace smartlic::licensing::test
