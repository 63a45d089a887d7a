#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "identity/encoding.hpp"

namespace smartlic::identity {
namespace {

using namespace test;
using testing::HasSubstr;

std::string refusal(const Result<RootSet>& set) { return set ? "made" : set.error().detail; }

Certificate root_of(const PrivateKey& key, const std::string& name) {
  return *make_root(key, {name, number(1), t0, t0 + one_year});
}

TEST(RootSet, HasOneToEightDifferentRoots) {
  const auto key = fixed_key("root");
  std::vector<Certificate> roots;
  EXPECT_THAT(refusal(RootSet::make(1, roots)), HasSubstr("one to eight"));
  for (int at = 0; at < 8; ++at) {
    roots.push_back(root_of(key, "Root " + std::to_string(at)));
    EXPECT_EQ(refusal(RootSet::make(1, roots)), "made");
  }
  auto nine = roots;
  nine.push_back(root_of(key, "Root 8"));
  EXPECT_THAT(refusal(RootSet::make(1, nine)), HasSubstr("one to eight"));
  EXPECT_THAT(refusal(RootSet::make(1, {roots[0], roots[1], roots[0]})), HasSubstr("twice"));
}

TEST(RootSet, TakesNoCertificateThatIsNoRoot) {
  const World world;
  const auto& root = world.root.certificate;
  const auto with = [&](const Forge& forge) {
    return refusal(RootSet::make(1, {forge.sign(world.root_key)}));
  };
  EXPECT_EQ(with(Forge{root}), "made");
  EXPECT_EQ(with(Forge{root}.set(NID_basic_constraints, "critical,CA:TRUE")), "made");
  EXPECT_THAT(with(Forge{root}.set(NID_basic_constraints, "critical,CA:FALSE")),
              HasSubstr("CA:true"));
  EXPECT_THAT(with(Forge{root}.set(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")),
              HasSubstr("path length"));
  EXPECT_THAT(with(Forge{root}.set(NID_key_usage, "critical,digitalSignature")),
              HasSubstr("keyCertSign"));
  EXPECT_THAT(with(Forge{root}.unknown_critical()), HasSubstr("critical extension"));
  EXPECT_THAT(with(Forge{root}.issuer(world.signing.certificate)), HasSubstr("self-signed"));
  EXPECT_THAT(refusal(RootSet::make(1, {Forge{root}.sign(fixed_key("stranger"))})),
              HasSubstr("self-signed"));
  EXPECT_THAT(refusal(RootSet::make(1, {world.signing.certificate})), HasSubstr("self-signed"));
}

TEST(RootSet, FindsTheIssuerAmongItsRoots) {
  const World world;
  const auto other = root_of(fixed_key("stranger"), "Example root");
  const auto both = *RootSet::make(1, {other, world.root.certificate});
  ASSERT_NE(both.find_issuer(world.signing.certificate), nullptr);
  EXPECT_EQ(*both.find_issuer(world.signing.certificate), world.root.certificate);
  EXPECT_EQ(RootSet::make(1, {other})->find_issuer(world.signing.certificate), nullptr);
}

// RULES M2: a version that only rises.
TEST(RootSet, AcceptsAHigherVersionOnly) {
  const World world;
  const auto version = [&](std::uint64_t number) {
    return *RootSet::make(number, {world.root.certificate});
  };
  EXPECT_TRUE(version(5).accepts(version(6)));
  EXPECT_FALSE(version(5).accepts(version(5)));
  EXPECT_FALSE(version(5).accepts(version(4)));
}

TEST(RootSet, IsEqualByVersionAndRoots) {
  const World world;
  const auto& root = world.root.certificate;
  const auto other = root_of(fixed_key("stranger"), "Other");
  EXPECT_EQ(*RootSet::make(1, {root, other}), *RootSet::make(1, {root, other}));
  EXPECT_FALSE(*RootSet::make(1, {root}) == *RootSet::make(2, {root}));
  EXPECT_FALSE(*RootSet::make(1, {root}) == *RootSet::make(1, {other}));
  EXPECT_NE(RootSet::make(1, {root})->digest(), RootSet::make(1, {other})->digest());
}

// RULES M2: a newer set is signed by a root already held.
TEST(RootsUpdate, IsSignedByARootAlreadyHeld) {
  const World world;
  const auto rsa = fixed_key("rsa");
  const auto held = *RootSet::make(1, {root_of(rsa, "RSA root"), world.root.certificate});
  const auto bytes = as_bytes(R"({"version":2})");
  for (const auto& key : {rsa, world.root_key}) {
    const auto signature = *sign_roots_update(key, bytes);
    EXPECT_TRUE(verify_roots_update(held, bytes, signature));
    EXPECT_EQ(verify_roots_update(held, as_bytes(R"({"version":3})"), signature).error().code,
              Errc::signature_invalid);
  }
  const auto stranger = *sign_roots_update(fixed_key("stranger"), bytes);
  EXPECT_EQ(verify_roots_update(held, bytes, stranger).error().code, Errc::signature_invalid);
  // A signature over the bare bytes was made for something else.
  EXPECT_FALSE(verify_roots_update(held, bytes, *world.root_key.sign(bytes)));
}

TEST(RootsUpdate, IsADetachedJws) {
  const World world;
  const std::string input =
      base64url(as_bytes(R"({"alg":"ES256","typ":"smartlic-roots+jws"})")) + ".c2V0";
  EXPECT_TRUE(world.root_key.public_key().verify(
      as_bytes(input), *sign_roots_update(world.root_key, as_bytes("set"))));
}

}  // namespace
}  // namespace smartlic::identity
