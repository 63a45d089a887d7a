#include <gtest/gtest.h>
#include <openssl/err.h>

#include "fixtures.hpp"
#include "identity/csr.hpp"

namespace smartlic::identity {
namespace {

using namespace test;

Errc code_of(const Result<Csr>& read) { return read ? Errc::conflict : read.error().code; }

TEST(Csr, CarriesKeyAndUdiForBothAlgorithms) {  // S12
  for (const auto* name : {"device", "rsa"}) {
    const auto key = fixed_key(name);
    const auto der = create_csr(key, udi);
    ASSERT_TRUE(der);
    const auto csr = Csr::from_der(*der);
    ASSERT_TRUE(csr) << csr.error().detail;
    EXPECT_EQ(csr->public_key(), key.public_key());
    EXPECT_EQ(csr->udi(), udi);
    EXPECT_EQ(Bytes(csr->der().begin(), csr->der().end()), *der);
  }
}

TEST(Csr, RefusesAnInvalidUdi) {
  EXPECT_EQ(create_csr(fixed_key("device"), {"A,B", "1"}).error().code, Errc::invalid_argument);
}

// RULES M5: the key is taken from the CSR once its own signature verifies.
TEST(Csr, RefusesARequestNotSignedByItsOwnKey) {
  const auto request =
      ossl::from_der<ossl::X509Req, d2i_X509_REQ>(*create_csr(fixed_key("device"), udi));
  ASSERT_TRUE(fixed_key("stranger").sign_in_place(*request));
  EXPECT_EQ(code_of(Csr::from_der(ossl::to_der<i2d_X509_REQ>(request.get()))),
            Errc::signature_invalid);
  ASSERT_TRUE(fixed_key("rsa").sign_in_place(*request));
  EXPECT_EQ(code_of(Csr::from_der(ossl::to_der<i2d_X509_REQ>(request.get()))),
            Errc::algorithm_refused);
  Bytes altered = *create_csr(fixed_key("device"), udi);
  const auto pid =
      std::search(altered.begin(), altered.end(), udi.serial.begin(), udi.serial.end());
  ASSERT_NE(pid, altered.end());
  *pid = 'Z';
  EXPECT_EQ(code_of(Csr::from_der(altered)), Errc::signature_invalid);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Csr, RefusesWhatIsNoneOrNamesNoUdi) {
  Bytes longer = *create_csr(fixed_key("device"), udi);
  longer.push_back(0);
  EXPECT_EQ(code_of(Csr::from_der(longer)), Errc::invalid_argument);
  longer.resize(longer.size() - 2);
  EXPECT_EQ(code_of(Csr::from_der(longer)), Errc::invalid_argument);
  EXPECT_EQ(code_of(Csr::from_der({})), Errc::invalid_argument);

  const auto request =
      ossl::from_der<ossl::X509Req, d2i_X509_REQ>(*create_csr(fixed_key("device"), udi));
  const ossl::Name nobody{X509_NAME_new()};
  X509_REQ_set_subject_name(request.get(), nobody.get());
  ASSERT_TRUE(fixed_key("device").sign_in_place(*request));
  EXPECT_EQ(code_of(Csr::from_der(ossl::to_der<i2d_X509_REQ>(request.get()))),
            Errc::invalid_argument);
}

TEST(Csr, RefusesAWeakKey) {
  const auto request =
      ossl::from_der<ossl::X509Req, d2i_X509_REQ>(*create_csr(fixed_key("device"), udi));
  const ossl::Pkey weak{EVP_RSA_gen(1024)};
  X509_REQ_set_pubkey(request.get(), weak.get());
  X509_REQ_sign(request.get(), weak.get(), EVP_sha256());
  EXPECT_EQ(code_of(Csr::from_der(ossl::to_der<i2d_X509_REQ>(request.get()))),
            Errc::algorithm_refused);
}

}  // namespace
}  // namespace smartlic::identity
