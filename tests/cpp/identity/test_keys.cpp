#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <thread>

#include "fixtures.hpp"
#include "identity/encoding.hpp"

namespace smartlic::identity {
namespace {

using test::fixed_key;

Bytes spki_of(EVP_PKEY* owned) {
  const ossl::Pkey key{owned};
  return ossl::to_der<i2d_PUBKEY>(key.get());
}

/// The SubjectPublicKeyInfo of an RSA key with n = 2^(bits-1) + 1; nobody has its private half.
Bytes rsa_spki(int bits, const char* exponent_hex) {
  const ossl::Bn n{BN_new()};
  BN_set_bit(n.get(), bits - 1);
  BN_set_bit(n.get(), 0);
  BIGNUM* e = nullptr;
  BN_hex2bn(&e, exponent_hex);
  const ossl::Bn exponent{e};
  const ossl::Ptr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const ossl::Ptr<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(build.get())};
  const ossl::PkeyCtx context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* out = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return spki_of(out);
}

TEST(PublicKey, ThumbprintIsTheExampleOfRfc7638) {
  const std::string n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPebWKRXjBZCiFV4n3oknjhMstn64t"
      "Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
      "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
      "kEgU8awapJzKnqDKgw";
  Bytes der = *from_base64("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA");
  const Bytes modulus = *from_base64url(n);
  der.insert(der.end(), modulus.begin(), modulus.end());
  der.insert(der.end(), {0x02, 0x03, 0x01, 0x00, 0x01});
  const auto key = PublicKey::from_spki_der(der);
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(key->algorithm(), Algorithm::rs256);
  EXPECT_EQ(key->thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(PublicKey, VerifiesTheExampleOfRfc7515) {  // appendix A.3
  Bytes der = *from_base64("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
  for (const auto* part : {"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                           "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}) {
    const Bytes coordinate = *from_base64url(part);
    der.insert(der.end(), coordinate.begin(), coordinate.end());
  }
  const auto key = PublicKey::from_spki_der(der);
  ASSERT_TRUE(key) << key.error().detail;
  const auto input = as_bytes(
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ");
  Bytes signature = *from_base64url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(key->verify(input, signature));
  EXPECT_FALSE(key->verify(input.first(input.size() - 1), signature));
  signature.push_back(0);
  EXPECT_FALSE(key->verify(input, signature));
}

// RULES M1: P-256, or RSA of 2048 to 4096 bits; nothing else.
TEST(PublicKey, RefusesOtherAlgorithmsAndSizes) {
  const auto code = [](const Bytes& der) {
    const auto key = PublicKey::from_spki_der(der);
    return key ? std::string_view{"accepted"} : to_string(key.error().code);
  };
  EXPECT_EQ(code(rsa_spki(2048, "010001")), "accepted");
  EXPECT_EQ(code(rsa_spki(4096, "010001")), "accepted");
  EXPECT_EQ(code(rsa_spki(2048, "FFFFFFFFFFFFFFFF")), "accepted");
  EXPECT_EQ(code(rsa_spki(2047, "010001")), "algorithm_refused");
  EXPECT_EQ(code(rsa_spki(4097, "010001")), "algorithm_refused");
  EXPECT_EQ(code(rsa_spki(2048, "03")), "algorithm_refused");
  EXPECT_EQ(code(rsa_spki(2048, "FFFF")), "algorithm_refused");
  EXPECT_EQ(code(rsa_spki(2048, "010000")), "algorithm_refused");
  EXPECT_EQ(code(rsa_spki(2048, "010000000000000001")), "algorithm_refused");
  EXPECT_EQ(code(spki_of(EVP_EC_gen("P-384"))), "algorithm_refused");
  EXPECT_EQ(code(spki_of(EVP_EC_gen("secp256k1"))), "algorithm_refused");
  EXPECT_EQ(code(spki_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))), "algorithm_refused");
  EVP_PKEY* compressed = EVP_EC_gen("P-256");
  EVP_PKEY_set_utf8_string_param(compressed, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                 "compressed");
  EXPECT_EQ(code(spki_of(compressed)), "algorithm_refused");
}

TEST(PublicKey, RefusesWhatIsNoKeyAndLeavesNoErrorBehind) {
  const Bytes good = [] {
    const auto der = fixed_key("device").public_key().spki_der();
    return Bytes(der.begin(), der.end());
  }();
  Bytes off_curve = good;
  off_curve.back() ^= 1;
  Bytes longer = good;
  longer.push_back(0);
  for (const auto& der :
       {Bytes{}, Bytes(91, 0), off_curve, longer, Bytes(good.begin(), good.end() - 1)}) {
    const auto key = PublicKey::from_spki_der(der);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Errc::invalid_argument);
  }
  EXPECT_FALSE(fixed_key("device").public_key().verify({}, Bytes(64, 0)));
  EXPECT_FALSE(fixed_key("device").public_key().verify({}, Bytes(64, 0xFF)));
  EXPECT_FALSE(fixed_key("rsa").public_key().verify({}, Bytes(256, 0xFF)));
  EXPECT_EQ(ERR_peek_error(), 0U);  // a leftover would be taken for a failure of the next TLS call
}

class BothAlgorithms : public testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(PrivateKey, BothAlgorithms,
                         testing::Values(Algorithm::es256, Algorithm::rs256),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

TEST_P(BothAlgorithms, SignWhatTheirPublicHalfVerifies) {
  const auto key = PrivateKey::generate(GetParam());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), GetParam());
  const auto signature = key->sign(as_bytes("data"));
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->size(), GetParam() == Algorithm::es256 ? 64U : 256U);
  EXPECT_TRUE(key->public_key().verify(as_bytes("data"), *signature));
  EXPECT_FALSE(key->public_key().verify(as_bytes("dat4"), *signature));
  EXPECT_FALSE(PrivateKey::generate(GetParam())->public_key().verify(as_bytes("data"), *signature));
  EXPECT_FALSE(key->public_key().verify(as_bytes("data"),
                                        ByteView{*signature}.first(signature->size() - 1)));
  for (std::size_t at = 0; at < signature->size(); at += 7) {
    Bytes altered = *signature;
    altered[at] ^= 0x10;
    EXPECT_FALSE(key->public_key().verify(as_bytes("data"), altered));
  }
}

TEST_P(BothAlgorithms, ComeBackFromPem) {
  const auto key = *PrivateKey::generate(GetParam());
  const auto clear = PrivateKey::from_pem(key.to_pem());
  ASSERT_TRUE(clear) << clear.error().detail;
  EXPECT_EQ(clear->public_key(), key.public_key());

  const auto sealed = key.to_pem("open sesame", {1, 2, 3});
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(sealed->starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_EQ(*sealed, *key.to_pem("open sesame", {1, 2, 3}));  // no randomness but the argument
  EXPECT_NE(*sealed, *key.to_pem("open sesame", {1, 2, 4}));
  EXPECT_EQ(PrivateKey::from_pem(*sealed, "open sesame")->public_key(), key.public_key());
  for (const auto* wrong : {"open sesamE", ""}) {
    const auto refused = PrivateKey::from_pem(*sealed, wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::passphrase_wrong);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(PrivateKey, UsesTheWholeSaltAndTheWholeIv) {
  const auto key = fixed_key("device");
  const auto base = *key.to_pem("x", {});
  for (const std::size_t at : {0U, 15U, 16U, 31U}) {
    PrivateKey::SaltAndIv changed{};
    changed[at] = 1;
    EXPECT_NE(*key.to_pem("x", changed), base) << at;
  }
}

TEST(PrivateKey, RefusesBadInput) {
  EXPECT_EQ(PrivateKey::generate(Algorithm::rs256, 2047).error().code, Errc::algorithm_refused);
  EXPECT_EQ(PrivateKey::generate(Algorithm::rs256, 4097).error().code, Errc::algorithm_refused);
  const auto key = fixed_key("device");
  EXPECT_EQ(key.to_pem("", {}).error().code, Errc::invalid_argument);
  const std::string pem = key.to_pem();
  for (const std::string& text :
       {std::string{}, std::string{"rubbish"}, pem + pem, to_pem("PRIVATE KEY", Bytes(40, 1)),
        to_pem("EC PRIVATE KEY", from_pem(pem)->front().der)}) {
    EXPECT_EQ(PrivateKey::from_pem(text).error().code, Errc::invalid_argument) << text;
  }
  const ossl::Pkey p384{EVP_EC_gen("P-384")};
  const ossl::Pkcs8 pkcs8{EVP_PKEY2PKCS8(p384.get())};
  EXPECT_EQ(PrivateKey::from_pem(
                to_pem("PRIVATE KEY", ossl::to_der<i2d_PKCS8_PRIV_KEY_INFO>(pkcs8.get())))
                .error()
                .code,
            Errc::algorithm_refused);
}

TEST(PrivateKey, RefusesHalvesOfTwoPairs) {
  Bytes der = from_pem(fixed_key("device").to_pem())->front().der;
  const Bytes other = from_pem(fixed_key("stranger").to_pem())->front().der;
  ASSERT_EQ(der.size(), other.size());
  std::copy(other.end() - 64, other.end(), der.end() - 64);  // the public point ends the structure
  const auto key = PrivateKey::from_pem(to_pem("PRIVATE KEY", der));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::invalid_argument);
}

TEST(PrivateKey, NeverRepeatsAnEcdsaK) {
  const auto key = fixed_key("device");
  const auto first = *key.sign(as_bytes("data"));
  const auto second = *key.sign(as_bytes("data"));
  EXPECT_FALSE(std::equal(first.begin(), first.begin() + 32, second.begin()));
}

// r and s are shorter than 32 octets once in 256 signatures each, and have a leading bit every
// other time.
TEST(PrivateKey, PadsShortNumbers) {
  const auto key = fixed_key("device");
  int shorter = 0;
  for (int at = 0; at < 3000; ++at) {
    const auto signature = *key.sign(as_bytes("data"));
    if (signature[0] != 0 && signature[32] != 0) continue;
    ++shorter;
    EXPECT_TRUE(key.public_key().verify(as_bytes("data"), signature));
  }
  EXPECT_GT(shorter, 0);  // fails by chance once in 10^10 runs
}

TEST(PrivateKey, IsSharedByThreads) {
  const auto key = fixed_key("device");
  std::array<int, 4> good{};
  std::vector<std::thread> threads;
  for (auto& mine : good) {
    threads.emplace_back([&key, &mine] {
      for (std::uint8_t at = 0; at < 50; ++at) {
        const Bytes data(9, at);
        if (key.public_key().verify(data, *key.sign(data))) ++mine;
      }
    });
  }
  for (auto& each : threads) each.join();
  EXPECT_EQ(good, (std::array{50, 50, 50, 50}));
}

}  // namespace
}  // namespace smartlic::identity
