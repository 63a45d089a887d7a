#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "identity/encoding.hpp"

namespace smartlic::identity {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint16_t authority_usage = key_usage::key_cert_sign | key_usage::digital_signature;

/// The detail of a refusal that is the caller's fault.
std::string refusal(const Result<Certificate>& issued) {
  if (issued) return "issued";
  EXPECT_EQ(issued.error().code, Errc::invalid_argument);
  return issued.error().detail;
}

TEST(Authority, RootHasRoomForOneAuthorityBelowIt) {
  const World world;
  const auto& root = world.root.certificate;
  EXPECT_EQ(root.common_name(), "Example root");
  EXPECT_EQ(root.serial(), number(1));
  EXPECT_EQ(root.subject_der().size(), root.issuer_der().size());
  EXPECT_TRUE(root.is_ca());
  EXPECT_EQ(root.path_len(), 1U);
  EXPECT_EQ(root.key_usages(), authority_usage);
  EXPECT_EQ(root.not_before(), t0);
  EXPECT_EQ(root.not_after(), t0 + 20 * one_year);
  EXPECT_FALSE(root.subject_key_id().empty());
  EXPECT_TRUE(root.authority_key_id().empty());
}

TEST(Authority, SigningCertificateIsAsRulesM3) {
  const World world;
  const auto& signing = world.signing.certificate;
  EXPECT_EQ(signing.common_name(), manager_id.to_string());
  EXPECT_EQ(signing.urn_uuid(), manager_id);
  EXPECT_TRUE(signing.is_ca());
  EXPECT_EQ(signing.path_len(), 0U);
  EXPECT_EQ(signing.key_usages(), authority_usage);
  EXPECT_THAT(signing.ext_key_usages(), IsEmpty());
  EXPECT_EQ(signing.public_key(), world.signing_key.public_key());
  EXPECT_EQ(hex(signing.authority_key_id()), hex(world.root.certificate.subject_key_id()));
  EXPECT_TRUE(signing.issued_by(world.root.certificate));
}

TEST(Authority, IdCertificateIsAsRulesM6) {
  const World world;
  const auto& id = world.id;
  EXPECT_EQ(id.common_name(), instance_id.to_string());
  EXPECT_EQ(id.subject_serial_number(), "PID:CUSP-SRE-K9,SN:ABCDEFGHJKM");
  EXPECT_EQ(id.domain_hash(), account_hash("Example account"));
  EXPECT_EQ(id.domain_hash().size(), 52U);
  EXPECT_THAT(id.san_uris(), ElementsAre("urn:uuid:" + instance_id.to_string()));
  EXPECT_TRUE(id.has_basic_constraints());
  EXPECT_FALSE(id.is_ca());
  EXPECT_EQ(id.path_len(), std::nullopt);
  EXPECT_EQ(id.key_usages(), key_usage::digital_signature);
  EXPECT_THAT(id.ext_key_usages(), ElementsAre(ext_key_usage::client_auth));
  EXPECT_EQ(id.subject_key_id().size(), 20U);
  EXPECT_EQ(hex(id.authority_key_id()), hex(world.signing.certificate.subject_key_id()));
  EXPECT_EQ(id.serial(), number(970857));
  EXPECT_EQ(id.not_before(), t0 + 23h);
  EXPECT_EQ(id.not_after(), t0 + 24h + 24h * 360);
  EXPECT_EQ(id.public_key(), world.device_key.public_key());
  EXPECT_TRUE(id.issued_by(world.signing.certificate));
}

TEST(Authority, TlsCertificateServesAndSignsNoMessage) {
  const World world;
  const auto tls = issue_tls_server(world.root, world.tls_order());
  ASSERT_TRUE(tls) << tls.error().detail;
  EXPECT_THAT(tls->ext_key_usages(), ElementsAre(ext_key_usage::server_auth));
  EXPECT_FALSE(tls->is_ca());
  EXPECT_EQ(tls->key_usages(), key_usage::digital_signature);
  EXPECT_TRUE(tls->issued_by(world.root.certificate));
}

TEST(Authority, IssuesUnderRsaToo) {
  World world;
  const auto rsa = fixed_key("rsa");
  const Signer root{*make_root(rsa, {"RSA root", number(1), t0, t0 + 20 * one_year}), rsa};
  const auto signing = issue_signing(root, world.signing_order());
  ASSERT_TRUE(signing) << signing.error().detail;
  EXPECT_EQ(signing->signature_algorithm(), Algorithm::rs256);
  EXPECT_TRUE(signing->issued_by(root.certificate));
  EXPECT_EQ(*signing, *issue_signing(root, world.signing_order()));  // PKCS#1 v1.5 draws nothing
}

// Reproducible issuance: equal arguments, equal TBSCertificate, in every run and for ever.
TEST(Authority, TbsCertificatesAreTheGoldenFiles) {
  const World world;
  const auto golden = [](const std::string& name, const Certificate& issued) {
    EXPECT_EQ(to_pem("TBS CERTIFICATE", issued.tbs_der()), vector_text(name + ".tbs.pem")) << name;
  };
  golden("root", world.root.certificate);
  golden("signing", world.signing.certificate);
  golden("id", world.id);
  golden("tls", *issue_tls_server(world.root, world.tls_order()));
  EXPECT_EQ(hex(world.id.tbs_der()), hex(issue_id(world.signing, world.id_order())->tbs_der()));
}

TEST(Authority, CutsTimesToSeconds) {
  const World world;
  auto order = world.id_order();
  order.issued_at += 999ms;
  const auto id = issue_id(world.signing, order);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->not_before(), world.id.not_before());
  EXPECT_EQ(id->not_after(), world.id.not_after());
}

TEST(Authority, WritesDatesOfBothForms) {
  const World world;
  const auto last = UtcTime{sys_days{std::chrono::year{2049} / 12 / 31}} + 24h - 1s;
  for (const auto end :
       {last, last + 1s, UtcTime{sys_days{std::chrono::year{9999} / 12 / 31}} + 24h - 1s}) {
    const auto root = make_root(world.root_key, {"Far", number(1), t0, end});
    ASSERT_TRUE(root) << root.error().detail;
    EXPECT_EQ(root->not_after(), end);
  }
  EXPECT_THAT(
      refusal(make_root(world.root_key, {"Far", number(1), t0,
                                         UtcTime{sys_days{std::chrono::year{10000} / 1 / 1}}})),
      HasSubstr("date"));
}

// RULES M6: none outlives its signer, to the second.
TEST(Authority, NoneOutlivesItsSigner) {
  const World world;
  auto id = world.id_order();
  id.issued_at = world.signing.certificate.not_after() - id_lifetime;
  EXPECT_TRUE(issue_id(world.signing, id));
  id.issued_at += 1s;
  EXPECT_THAT(refusal(issue_id(world.signing, id)), HasSubstr("rotate"));

  auto signing = world.signing_order();
  signing.not_after = world.root.certificate.not_after();
  EXPECT_TRUE(issue_signing(world.root, signing));
  signing.not_after += 1s;
  EXPECT_THAT(refusal(issue_signing(world.root, signing)), HasSubstr("rotate"));

  auto tls = world.tls_order();
  tls.not_after = world.root.certificate.not_after() + 1s;
  EXPECT_THAT(refusal(issue_tls_server(world.root, tls)), HasSubstr("rotate"));
}

TEST(Authority, SignerMustBeginBeforeItSigns) {
  const World world;
  auto order = world.id_order();
  order.issued_at = t0;
  EXPECT_TRUE(issue_id(world.signing, order));
  order.issued_at -= 1ms;
  EXPECT_THAT(refusal(issue_id(world.signing, order)),
              HasSubstr("not valid at the time of issuance"));
}

TEST(Authority, SignerMustBeOfTheRightRankAndHaveItsOwnKey) {
  const World world;
  EXPECT_THAT(refusal(issue_id(world.root, world.id_order())),
              HasSubstr("is not a signing certificate"));
  EXPECT_THAT(refusal(issue_signing(world.signing, world.signing_order())),
              HasSubstr("is not a root"));
  EXPECT_THAT(refusal(issue_tls_server(world.signing, world.tls_order())),
              HasSubstr("is not a root"));
  EXPECT_THAT(refusal(issue_id({world.id, world.device_key}, world.id_order())),
              HasSubstr("is not a signing certificate"));
  EXPECT_THAT(refusal(issue_id({world.signing.certificate, world.root_key}, world.id_order())),
              HasSubstr("the key given"));
  const auto no_sign =
      Forge{world.signing.certificate}.set(NID_key_usage, "digitalSignature").sign(world.root_key);
  EXPECT_THAT(refusal(issue_id({no_sign, world.signing_key}, world.id_order())),
              HasSubstr("is not a signing certificate"));
}

TEST(Authority, RefusesNamesAndDatesThatNoCertificateCanCarry) {
  const World world;
  EXPECT_TRUE(make_root(world.root_key, {std::string(64, 'x'), number(1), t0, t0 + one_year}));
  for (const auto& name : {std::string{}, std::string(65, 'x'), std::string{"\xff"}}) {
    EXPECT_THAT(refusal(make_root(world.root_key, {name, number(1), t0, t0 + one_year})),
                HasSubstr("name"))
        << name;
  }
  EXPECT_THAT(refusal(make_root(world.root_key, {"x", number(1), t0, t0})),
              HasSubstr("end before"));
  auto id = world.id_order();
  id.udi.serial = "*";
  EXPECT_THAT(refusal(issue_id(world.signing, id)), HasSubstr("serial number"));
  id = world.id_order();
  id.lifetime = 0ms;
  EXPECT_THAT(refusal(issue_id(world.signing, id)), HasSubstr("end before"));
  auto tls = world.tls_order();
  tls.dns_names = {"a b"};
  EXPECT_THAT(refusal(issue_tls_server(world.root, tls)), HasSubstr("DNS name"));
  tls.dns_names = {};
  EXPECT_TRUE(issue_tls_server(world.root, tls));
  tls.ip_addresses = {"127.0.0.256"};
  EXPECT_THAT(refusal(issue_tls_server(world.root, tls)), HasSubstr("address"));
  tls.ip_addresses = {};
  EXPECT_THAT(refusal(issue_tls_server(world.root, tls)), HasSubstr("needs a DNS name"));
}

TEST(Authority, HashesTheAccountAsRulesM6) {
  EXPECT_EQ(account_hash("abc"), base32(sha256(as_bytes("abc"))));
  EXPECT_EQ(account_hash("abc"), "xj4bnp4pahh6uqkbidpf3lrceoyagyndsylxvhfucd7wd4qacwwq");
}

}  // namespace
}  // namespace smartlic::identity
