// Records and decisions as JSON text.
#include "licensing/ledger_codec.hpp"

#include <array>

#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

class LedgerCodec : public World {
 protected:
  /// A record whose every member differs from a new one's.
  InstanceRecord full() {
    Device device = registered();
    authorize(device, 2);
    for (int lost = 0; lost < 2; ++lost) ask(authorization(device, 3));
    ask(renewal(device, new_key()));
    InstanceRecord out = record(device);
    out.status = InstanceStatus::deregistered;
    out.revoked = out.state_unknown = out.fork_suspected = out.superseded_seen = true;
    out.refuse_forks = true;
    out.next_token_id = "next";
    return out;
  }
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST_F(LedgerCodec, AFullRecordComesBack) {
  const auto record = full();
  EXPECT_EQ(record.issued_states.size(), 2U);
  EXPECT_TRUE(record.next_certificate && record.out_of_compliance && !record.decision.empty());
  const auto back = decode_instance(encode(record));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(*back == record);
}

TEST_F(LedgerCodec, AKnownCertificateIsTheSameAsAParsedOne) {
  const auto record = full();
  const std::array known{*record.next_certificate, *record.certificate};
  const auto back = decode_instance(encode(record), known);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(*back == record);
  EXPECT_EQ(back->certificate->der().data(), record.certificate->der().data());
  EXPECT_EQ(back->next_certificate->der().data(), record.next_certificate->der().data());
  const std::array stranger{*record.next_certificate};
  EXPECT_TRUE(*decode_instance(encode(record), stranger) == record);
}

TEST_F(LedgerCodec, AnEmptyRecordComesBack) {
  EXPECT_TRUE(*decode_instance(encode(InstanceRecord{})) == InstanceRecord{});
}

TEST_F(LedgerCodec, EveryMemberIsNeededAndTyped) {
  const auto text = encode(full());
  constexpr std::array members{
      "instance",      "revision",          "status",           "virtual_account",
      "udi",           "software_tag",      "hostname",         "registered",
      "last_seen",     "certificate",       "certificate_used", "next_certificate",
      "revoked",       "token_id",          "next_token_id",    "request_no",
      "request_hash",  "decision",          "confirmed_state",  "issued_states",
      "state_unknown", "fork_suspected",    "superseded_seen",  "refuse_forks",
      "usage",         "authorization_end", "usage_until",      "out_of_compliance"};
  for (const std::string member : members) {
    const auto without = replaced(text, ",\"" + member + "\":", ",\"x_" + member + "\":");
    const auto result = decode_instance(without);
    ASSERT_FALSE(result) << member;
    EXPECT_EQ(result.error().code, Errc::state_damaged);
    EXPECT_NE(result.error().detail.find("'" + member + "'"), std::string::npos);
  }
}

TEST_F(LedgerCodec, DamagedTextsAreRefused) {
  const auto text = encode(full());
  for (const auto& damaged :
       {std::string{}, std::string{"[]"}, std::string{"{}"}, text.substr(0, text.size() / 2),
        replaced(text, "\"deregistered\"", "\"strange\""),
        replaced(text, "\"count\":3", "\"count\":-3"),
        replaced(text, "\"issued_states\":[", "\"issued_states\":[1,")}) {
    const auto result = decode_instance(damaged);
    ASSERT_FALSE(result) << damaged.substr(0, 40);
    EXPECT_EQ(result.error().code, Errc::state_damaged);
  }
}

TEST_F(LedgerCodec, AnotherVersionIsSaidToBeOne) {
  for (const auto& code :
       {decode_instance(replaced(encode(full()), "\"v\":1", "\"v\":2")).error().code,
        decode_token(replaced(encode(token().record), "\"v\":1", "\"v\":2")).error().code,
        decode_decision(replaced(full().decision, "\"v\":1", "\"v\":2")).error().code}) {
    EXPECT_EQ(code, Errc::state_version);
  }
}

TEST_F(LedgerCodec, TokensComeBackExpiringOrNot) {
  auto record = token(3, start + one_day).record;
  record.uses = 2;
  record.revoked = true;
  EXPECT_EQ(*decode_token(encode(record)), record);
  const auto unending = token().record;
  EXPECT_EQ(*decode_token(encode(unending)), unending);
  EXPECT_EQ(decode_token(replaced(encode(record), "\"max_uses\":3", "\"max_uses\":0")).error().code,
            Errc::state_damaged);
}

TEST_F(LedgerCodec, DecisionsComeBack) {
  Device device = registered();
  const auto fresh = new_key();
  const std::array answers{ask(registration(Device{}, token().text)), ask(authorization(device, 2)),
                           ask(renewal(device, fresh)), ask(authorization(device, 2, "strange")),
                           ask(deregistration(device))};
  for (const auto& answer : answers) {
    const auto back = decode_decision(encode_decision(answer));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, answer);
  }
  for (const auto* damaged : {"", R"({"v":1})", R"({"v":1,"kind":"strange","answer":{}})",
                              R"({"v":1,"kind":"renew","answer":{}})"}) {
    EXPECT_EQ(decode_decision(damaged).error().code, Errc::state_damaged) << damaged;
  }
}

}  // namespace
}  // namespace smartlic::licensing::test
