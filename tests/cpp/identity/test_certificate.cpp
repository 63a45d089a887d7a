#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "fixtures.hpp"

namespace smartlic::identity {
namespace {

using namespace test;

Errc code_of(const Result<Certificate>& read) { return read ? Errc::conflict : read.error().code; }

TEST(Certificate, ComesBackFromDerAndPem) {
  const World world;
  EXPECT_EQ(*Certificate::from_der(world.id.der()), world.id);
  EXPECT_EQ(*Certificate::from_pem(world.id.pem()), world.id);
  EXPECT_NE(world.id, world.signing.certificate);
  EXPECT_EQ(world.id.fingerprint(), sha256(world.id.der()));
}

TEST(Certificate, RefusesBytesThatAreNoneOrNotDer) {
  const World world;
  const Bytes good(world.id.der().begin(), world.id.der().end());
  Bytes longer = good;
  longer.push_back(0);
  // The same content with its outer length in the indefinite form of BER, which d2i_X509 takes.
  Bytes ber{0x30, 0x80};
  ber.insert(ber.end(), good.begin() + 4, good.end());
  ber.insert(ber.end(), {0, 0});
  const unsigned char* at = ber.data();
  ASSERT_NE(ossl::X509Cert{d2i_X509(nullptr, &at, static_cast<long>(ber.size()))}, nullptr);
  for (const auto& der :
       {Bytes{}, Bytes(100, 0x30), longer, ber, Bytes(good.begin(), good.end() - 1)}) {
    EXPECT_EQ(code_of(Certificate::from_der(der)), Errc::invalid_argument);
  }
  EXPECT_EQ(code_of(Certificate::from_pem(world.id.pem() + world.id.pem())),
            Errc::invalid_argument);
  EXPECT_EQ(code_of(Certificate::from_pem(world.device_key.to_pem())), Errc::invalid_argument);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Certificate, RefusesASignatureWithUnusedBits) {
  const World world;
  Bytes der(world.id.der().begin(), world.id.der().end());
  // The signature is a DER sequence in a BIT STRING: 03 <length> <unused bits> 30 ...
  const auto tbs_end = static_cast<std::size_t>(world.id.tbs_der().data() +
                                                world.id.tbs_der().size() - world.id.der().data());
  const auto found =
      std::find(der.begin() + static_cast<std::ptrdiff_t>(tbs_end) + 12, der.end(), 0x03);
  ASSERT_NE(found, der.end());
  ASSERT_EQ(*(found + 2), 0);
  *(found + 2) = 1;
  der.back() &= 0xFE;  // an unused bit is zero in DER
  EXPECT_EQ(code_of(Certificate::from_der(der)), Errc::invalid_argument);
}

TEST(Certificate, RefusesOtherVersionsAndExtensionsTwice) {
  const World world;
  EXPECT_EQ(code_of(Certificate::from_der(
                Forge{world.id}.version(X509_VERSION_1).der(world.signing_key))),
            Errc::invalid_argument);
  Forge twice{world.id};
  twice.add(NID_ext_key_usage, "serverAuth");
  EXPECT_EQ(code_of(Certificate::from_der(twice.der(world.signing_key))), Errc::invalid_argument);
}

// RFC 5280, 4.1.2.5: UTCTime until 2049, and with Z and seconds only.
TEST(Certificate, RefusesLooseDates) {
  const World world;
  for (const auto* date : {"20260101000000Z", "20500101000000+0100", "205001010000Z",
                           "20501301000000Z", "20500230000000Z", "20500101240000Z",
                           "20500101000060Z", "20500101000000.5Z", "2050010100000aZ"}) {
    EXPECT_EQ(
        code_of(Certificate::from_der(Forge{world.id}.not_before(date).der(world.signing_key))),
        Errc::invalid_argument)
        << date;
  }
  const auto later =
      Certificate::from_der(Forge{world.id}.not_before("20500101000000Z").der(world.signing_key));
  EXPECT_EQ(later->not_before(), UtcTime{sys_days{std::chrono::year{2050} / 1 / 1}});
}

// RULES M1: the two algorithms only, in the key as in the signature.
TEST(Certificate, RefusesOtherAlgorithms) {
  const World world;
  const ossl::X509Cert x = ossl::from_der<ossl::X509Cert, d2i_X509>(world.id.der());
  const ossl::Pkey p256{EVP_EC_gen("P-256")};
  X509_sign(x.get(), p256.get(), EVP_sha384());
  EXPECT_EQ(code_of(Certificate::from_der(ossl::to_der<i2d_X509>(x.get()))),
            Errc::algorithm_refused);
  const ossl::Pkey p384{EVP_EC_gen("P-384")};
  X509_set_pubkey(x.get(), p384.get());
  X509_sign(x.get(), p256.get(), EVP_sha256());
  EXPECT_EQ(code_of(Certificate::from_der(ossl::to_der<i2d_X509>(x.get()))),
            Errc::algorithm_refused);
}

// RULES E3: time == deadline is past it.
TEST(Certificate, IsValidFromItsFirstToBeforeItsLastInstant) {
  const World world;
  const auto& id = world.id;
  EXPECT_FALSE(id.valid_at(id.not_before() - 1ms));
  EXPECT_TRUE(id.valid_at(id.not_before()));
  EXPECT_TRUE(id.valid_at(id.not_before() + 1ms));
  EXPECT_TRUE(id.valid_at(id.not_after() - 1ms));
  EXPECT_FALSE(id.valid_at(id.not_after()));
  EXPECT_FALSE(id.valid_at(id.not_after() + 1ms));
}

TEST(Certificate, IsIssuedByNameKeyIdentifierAndSignature) {
  const World world;
  const auto& root = world.root.certificate;
  const auto& signing = world.signing.certificate;
  EXPECT_TRUE(signing.issued_by(root));
  EXPECT_TRUE(root.issued_by(root));
  EXPECT_FALSE(world.id.issued_by(root));
  EXPECT_FALSE(Forge{signing}.issuer(signing).sign(world.root_key).issued_by(root));
  EXPECT_FALSE(Forge{signing}.sign(fixed_key("stranger")).issued_by(root));
  const auto renamed_key =
      Forge{root}.set(NID_subject_key_identifier, "00:11").sign(world.root_key);
  EXPECT_FALSE(signing.issued_by(renamed_key));
}

TEST(Certificate, GivesTheUuidOfItsOneName) {
  const World world;
  const auto uuid_with = [&](const std::string& names) {
    return Forge{world.id}.set(NID_subject_alt_name, names).sign(world.signing_key).urn_uuid();
  };
  const auto urn = "URI:urn:uuid:" + instance_id.to_string();
  EXPECT_EQ(uuid_with(urn), instance_id);
  EXPECT_EQ(uuid_with(urn + "," + urn), std::nullopt);
  EXPECT_EQ(uuid_with(urn + ",DNS:x.example"), std::nullopt);
  EXPECT_EQ(uuid_with("DNS:x.example"), std::nullopt);
  EXPECT_EQ(uuid_with("URI:uuid:" + instance_id.to_string()), std::nullopt);
  EXPECT_EQ(uuid_with(urn + "0"), std::nullopt);
}

TEST(Certificate, SaysWhetherAnUnknownExtensionIsCritical) {
  const World world;
  EXPECT_FALSE(world.id.has_unknown_critical());
  EXPECT_FALSE(Forge{world.id}
                   .set(NID_netscape_comment, "hello")
                   .sign(world.signing_key)
                   .has_unknown_critical());
  EXPECT_TRUE(Forge{world.id}.unknown_critical().sign(world.signing_key).has_unknown_critical());
}

}  // namespace
}  // namespace smartlic::identity
