// The trust file (RULES M14) and the newer one that answers spread (RULES M2).

#include "message/trust_file.hpp"

#include <gtest/gtest.h>

#include "message/forge.hpp"

namespace smartlic::message::test {
namespace {

class TrustFileTest : public testing::Test {
 protected:
  const World& w = world();
  const TrustFile good{w.manager, w.roots};

  std::string reads(const Json& json) {
    const auto trust = decode_trust_file(as_bytes(dump(json)));
    return trust ? std::string{} : std::string{to_string(trust.error().code)};
  }
};

TEST_F(TrustFileTest, ComesBackAsItWas) {
  const std::string text = encode(good);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(must(decode_trust_file(as_bytes(text))), good);
}

TEST_F(TrustFileTest, IsReadStrictly) {
  const Json json = must(parse_json(as_bytes(encode(good))));
  EXPECT_EQ(reads(json), "");
  for (const auto* member : {"v", "manager", "roots_version", "roots"}) {
    EXPECT_EQ(reads(without(json, member)), "payload_invalid") << member;
    EXPECT_EQ(reads(with(json, member, true)), "payload_invalid") << member;
  }
  EXPECT_EQ(reads(with(json, "v", std::int64_t{2})), "version_unsupported");
  EXPECT_EQ(reads(with(json, "roots_version", std::int64_t{-1})), "payload_invalid");
  EXPECT_EQ(reads(with(json, "roots", Json::Array{})), "payload_invalid");
  EXPECT_EQ(reads(with(json, "roots", Json::Array{true})), "payload_invalid");
  EXPECT_EQ(reads(with(json, "roots", Json::Array{w.chain.signing.pem()})), "payload_invalid");
  EXPECT_EQ(decode_trust_file(as_bytes("{}x")).error().code, Errc::message_malformed);
}

TEST_F(TrustFileTest, M2OnlyANewerSetOfThisManagerBySomeHeldRootIsOpened) {
  const auto set = [&](std::uint64_t version) {
    return must(identity::RootSet::make(version, {w.strange.root}));
  };
  const auto opens = [&](const RootsUpdate& update) {
    return open_roots(update, w.manager, w.roots);
  };
  const auto by_ours = must(seal_roots({w.manager, set(2)}, w.chain.root_key));
  EXPECT_EQ(must(opens(by_ours)), set(2));
  // the same version, by whomever: not newer, so nothing to judge
  EXPECT_EQ(must(opens(must(seal_roots({w.manager, set(1)}, w.strange.root_key)))), std::nullopt);
  const auto by_its_own = must(seal_roots({w.manager, set(2)}, w.strange.root_key));
  EXPECT_EQ(opens(by_its_own).error().code, Errc::payload_invalid);
  const auto of_another = must(seal_roots({w.instance, set(2)}, w.chain.root_key));
  EXPECT_EQ(opens(of_another).error().code, Errc::payload_invalid);
  auto altered = by_ours;
  altered.trust_file.back() = ' ';
  EXPECT_EQ(opens(altered).error().code, Errc::payload_invalid);
  altered.trust_file.front() = '[';
  EXPECT_EQ(opens(altered).error().code, Errc::payload_invalid);
}

}  // namespace
}  // namespace smartlic::message::test
