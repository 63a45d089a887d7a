#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fixtures.hpp"
#include "identity/chain.hpp"

namespace smartlic::identity {
namespace {

using namespace test;
using testing::HasSubstr;

/// The detail of a refusal on the rung "chain" (RULES M8).
template <class T>
std::string refusal(const Result<T>& verified) {
  if (verified) return "trusted";
  EXPECT_EQ(verified.error().code, Errc::chain_untrusted);
  return verified.error().detail;
}

class Chain : public testing::Test {
 protected:
  const World world;

  std::string answer(const Certificate& signing) const {
    return refusal(verify_answer_signer(signing, world.roots));
  }
  std::string answer(const Forge& forge) const { return answer(forge.sign(world.root_key)); }
  std::string request(const Certificate& leaf) const {
    return refusal(verify_request_signer(leaf, world.signing.certificate, world.roots));
  }
  std::string request(const Forge& forge) const { return request(forge.sign(world.signing_key)); }
};

// RULES M3, clause by clause: each forgery is signed by the right key and wrong in one thing.
TEST_F(Chain, TakesASigningCertificateClauseByClause) {
  const auto& good = world.signing.certificate;
  EXPECT_EQ(answer(good), "trusted");
  EXPECT_EQ(answer(Forge{good}), "trusted");
  EXPECT_THAT(answer(Forge{good}.set(NID_basic_constraints, "critical,CA:FALSE")),
              HasSubstr("not CA:true"));
  EXPECT_THAT(answer(Forge{good}.drop(NID_basic_constraints)), HasSubstr("not CA:true"));
  EXPECT_THAT(answer(Forge{good}.set(NID_basic_constraints, "critical,CA:TRUE,pathlen:1")),
              HasSubstr("path length"));
  EXPECT_THAT(answer(Forge{good}.set(NID_basic_constraints, "critical,CA:TRUE")),
              HasSubstr("path length"));
  for (const auto* usage :
       {"keyCertSign", "digitalSignature", "keyCertSign,digitalSignature,cRLSign",
        "keyCertSign,digitalSignature,decipherOnly"}) {
    EXPECT_THAT(answer(Forge{good}.set(NID_key_usage, usage)), HasSubstr("key usage")) << usage;
  }
  EXPECT_THAT(answer(Forge{good}.drop(NID_key_usage)), HasSubstr("key usage"));
  for (const auto* purpose : {"serverAuth", "clientAuth"}) {
    EXPECT_THAT(answer(Forge{good}.set(NID_ext_key_usage, purpose)),
                HasSubstr("extended key usage"))
        << purpose;
  }
  EXPECT_THAT(answer(Forge{good}.drop(NID_subject_alt_name)), HasSubstr("alternative name"));
  EXPECT_THAT(answer(Forge{good}.set(NID_subject_alt_name, "DNS:manager.example")),
              HasSubstr("alternative name"));
  EXPECT_THAT(answer(Forge{good}.unknown_critical()), HasSubstr("unknown critical"));
  EXPECT_THAT(answer(Forge{good}.issuer(good)), HasSubstr("issued directly"));
  EXPECT_THAT(answer(Forge{good}.sign(fixed_key("stranger"))), HasSubstr("issued directly"));
}

// A pinned root is issued directly by a pinned root too: by itself.
TEST_F(Chain, TakesNoRootForASigner) {
  EXPECT_THAT(answer(world.root.certificate), HasSubstr("path length"));
  const auto others = *RootSet::make(
      1, {*make_root(fixed_key("stranger"), {"Other", number(1), t0, t0 + one_year})});
  EXPECT_THAT(refusal(verify_answer_signer(world.signing.certificate, others)),
              HasSubstr("issued directly"));
}

// RULES M3: a TLS certificate signs no message, an ID certificate no answer, a signing certificate
// no request.
TEST_F(Chain, TakesNoCertificateForAnother) {
  const auto tls = *issue_tls_server(world.root, world.tls_order());
  EXPECT_NE(answer(tls), "trusted");
  EXPECT_NE(request(tls), "trusted");
  EXPECT_NE(answer(world.id), "trusted");
  EXPECT_NE(request(world.signing.certificate), "trusted");
  const auto& good = world.signing.certificate;
  const auto sub =
      Forge{good}.issuer(good).set(NID_authority_key_identifier, "none").sign(world.signing_key);
  EXPECT_THAT(answer(sub),
              HasSubstr("issued directly"));  // by a signing certificate, not by a root
}

TEST_F(Chain, TakesAnIdCertificateClauseByClause) {
  const auto& good = world.id;
  const auto urn = "URI:urn:uuid:" + instance_id.to_string();
  EXPECT_EQ(request(good), "trusted");
  EXPECT_EQ(request(Forge{good}), "trusted");
  EXPECT_THAT(request(Forge{good}.set(NID_basic_constraints, "critical,CA:TRUE")),
              HasSubstr("not CA:false"));
  EXPECT_THAT(request(Forge{good}.drop(NID_basic_constraints)), HasSubstr("not CA:false"));
  for (const auto* usage :
       {"keyEncipherment", "digitalSignature,keyCertSign", "digitalSignature,keyAgreement"}) {
    EXPECT_THAT(request(Forge{good}.set(NID_key_usage, usage)), HasSubstr("key usage")) << usage;
  }
  EXPECT_THAT(request(Forge{good}.drop(NID_key_usage)), HasSubstr("key usage"));
  for (const auto* purpose :
       {"serverAuth", "clientAuth,serverAuth", "clientAuth,clientAuth", "anyExtendedKeyUsage"}) {
    EXPECT_THAT(request(Forge{good}.set(NID_ext_key_usage, purpose)), HasSubstr("clientAuth alone"))
        << purpose;
  }
  EXPECT_THAT(request(Forge{good}.drop(NID_ext_key_usage)), HasSubstr("clientAuth alone"));
  EXPECT_THAT(request(Forge{good}.drop(NID_subject_alt_name)), HasSubstr("alternative name"));
  EXPECT_THAT(request(Forge{good}.set(NID_subject_alt_name, urn + ",DNS:x.example")),
              HasSubstr("alternative name"));
  EXPECT_THAT(request(Forge{good}.common_name(manager_id.to_string())), HasSubstr("two instances"));
  EXPECT_THAT(request(Forge{good}.unknown_critical()), HasSubstr("unknown critical"));
  EXPECT_THAT(request(Forge{good}.issuer(world.root.certificate)),
              HasSubstr("not issued by the signing certificate"));
  EXPECT_THAT(request(Forge{good}.sign(fixed_key("stranger"))),
              HasSubstr("not issued by the signing certificate"));
}

TEST_F(Chain, ARequestNeedsATrustedSigningCertificateToo) {
  const auto wrong =
      Forge{world.signing.certificate}.set(NID_ext_key_usage, "clientAuth").sign(world.root_key);
  EXPECT_THAT(refusal(verify_request_signer(world.id, wrong, world.roots)),
              HasSubstr("signing certificate: "));
}

// RULES M3: never older than the newest seen.
TEST_F(Chain, TakesNoOlderSigningCertificate) {
  EXPECT_TRUE(verify_not_older(world.signing.certificate, number(1)));
  EXPECT_TRUE(verify_not_older(world.signing.certificate, number(2)));
  EXPECT_THAT(refusal(verify_not_older(world.signing.certificate, number(3))),
              HasSubstr("lower than 03"));
}

// RULES M8: dates are a rung of their own; E3: to the millisecond.
TEST_F(Chain, DatesAreJudgedApart) {
  const std::vector<Certificate> both{world.id, world.signing.certificate};
  const auto begin = world.id.not_before();
  const auto end = world.id.not_after();
  EXPECT_EQ(dates_valid_at(both, begin - 1ms).error().code, Errc::certificate_expired);
  EXPECT_TRUE(dates_valid_at(both, begin));
  EXPECT_TRUE(dates_valid_at(both, end - 1ms));
  const auto over = dates_valid_at(both, end);
  EXPECT_EQ(over.error().code, Errc::certificate_expired);
  EXPECT_THAT(over.error().detail,
              HasSubstr("from 2026-01-01 23:00:00 UTC to 2026-12-28 00:00:00 UTC"));
  const std::vector<Certificate> reversed{world.signing.certificate, world.id};
  EXPECT_FALSE(dates_valid_at(reversed, end));
}

TEST_F(Chain, CacheGivesWhatVerificationGives) {
  ChainCache cache;
  const auto signing = world.signing.certificate.der();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(*cache.answer_signer(signing, world.roots), world.signing.certificate);
    const auto chain = cache.request_chain(world.id.der(), signing, world.roots);
    ASSERT_TRUE(chain);
    EXPECT_EQ(chain->leaf, world.id);
    EXPECT_EQ(chain->signing, world.signing.certificate);
  }
  EXPECT_EQ(cache.size(), 2U);
}

TEST_F(Chain, CacheKeepsNothingThatIsNotTrusted) {
  ChainCache cache;
  const auto signing = world.signing.certificate.der();
  const auto forged = Forge{world.id}.set(NID_ext_key_usage, "serverAuth").sign(world.signing_key);
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(refusal(cache.request_chain(forged.der(), signing, world.roots)),
                HasSubstr("clientAuth"));
    EXPECT_THAT(refusal(cache.request_chain(Bytes(9, 0), signing, world.roots)),
                HasSubstr("ID certificate"));
    EXPECT_THAT(refusal(cache.answer_signer(world.id.der(), world.roots)),
                HasSubstr("issued directly"));
  }
  EXPECT_EQ(cache.size(), 1U);  // the signing certificate
}

// RULES M2: a chain that held under one root set says nothing under another.
TEST_F(Chain, CacheAsksAgainUnderOtherRoots) {
  ChainCache cache;
  const auto signing = world.signing.certificate.der();
  ASSERT_TRUE(cache.request_chain(world.id.der(), signing, world.roots));
  const auto others = *RootSet::make(
      2, {*make_root(fixed_key("stranger"), {"Other", number(1), t0, t0 + one_year})});
  EXPECT_THAT(refusal(cache.request_chain(world.id.der(), signing, others)),
              HasSubstr("issued directly"));
  EXPECT_THAT(refusal(cache.answer_signer(signing, others)), HasSubstr("issued directly"));
}

TEST_F(Chain, CacheIsBoundedAndForgetsTheLeastRecentlyUsed) {
  ChainCache cache{4};
  const auto signing = world.signing.certificate.der();
  auto order = world.id_order();
  for (std::uint64_t at = 1; at < 20; ++at) {
    order.serial = number(at);
    ASSERT_TRUE(cache.request_chain(issue_id(world.signing, order)->der(), signing, world.roots));
    EXPECT_LE(cache.size(), 5U);  // four chains and one signing certificate
  }
}

TEST_F(Chain, CacheIsSharedByThreads) {
  ChainCache cache{2};
  const auto signing = world.signing.certificate.der();
  auto order = world.id_order();
  std::vector<Certificate> leaves;
  for (std::uint64_t at = 1; at < 5; ++at) {
    order.serial = number(at);
    leaves.push_back(*issue_id(world.signing, order));
  }
  std::array<int, 4> good{};
  std::vector<std::thread> threads;
  for (auto& mine : good) {
    threads.emplace_back([&] {
      for (std::size_t at = 0; at < 40; ++at) {
        const auto& leaf = leaves[at % leaves.size()];
        const auto chain = cache.request_chain(leaf.der(), signing, world.roots);
        if (chain && chain->leaf == leaf) ++mine;
      }
    });
  }
  for (auto& each : threads) each.join();
  EXPECT_EQ(good, (std::array{40, 40, 40, 40}));
}

}  // namespace
}  // namespace smartlic::identity
