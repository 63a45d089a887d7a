#include <gtest/gtest.h>

#include <set>

#include "identity/encoding.hpp"
#include "identity/entropy.hpp"
#include "identity/hash.hpp"

namespace smartlic::identity {
namespace {

TEST(Hash, Sha256GivesTheVectorsOfFips180) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, HmacGivesTheVectorsOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(Bytes(20, 0x0B), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(Bytes(131, 0xAA),
                            as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hash, HmacTakesAnEmptyKeyAndNoData) {
  EXPECT_EQ(hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hash, ConstantTimeEqualIsEquality) {
  const Bytes a{1, 2, 3};
  EXPECT_TRUE(constant_time_equal(a, Bytes{1, 2, 3}));
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_FALSE(constant_time_equal(a, Bytes{1, 2, 4}));
  EXPECT_FALSE(constant_time_equal(a, Bytes{1, 2}));
}

// DESIGN 3: entropy is an argument, so the same seed gives the same run.
TEST(Entropy, IsHmacOfTheSeedInCounterMode) {
  const Entropy::Seed seed{1, 2, 3};
  Entropy entropy{seed};
  Bytes expected;
  for (std::uint8_t counter = 0; counter < 2; ++counter) {
    const auto block = hmac_sha256(seed, Bytes{0, 0, 0, 0, 0, 0, 0, counter});
    expected.insert(expected.end(), block.begin(), block.end());
  }
  expected.resize(40);
  EXPECT_EQ(entropy.bytes(40), expected);
  const auto third = hmac_sha256(seed, Bytes{0, 0, 0, 0, 0, 0, 0, 2});
  EXPECT_EQ(hex(Bytes(third.begin(), third.begin() + 8)), [&] {
    const auto drawn = entropy.u64();
    Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(drawn >> shift));
    return hex(out);
  }());
}

TEST(Entropy, RepeatsNothing) {
  Entropy entropy{{}};
  std::set<std::uint64_t> numbers;
  std::set<Uuid> uuids;
  for (int at = 0; at < 1000; ++at) {
    numbers.insert(entropy.u64());
    uuids.insert(entropy.uuid());
  }
  EXPECT_EQ(numbers.size(), 1000U);
  EXPECT_EQ(uuids.size(), 1000U);
  EXPECT_NE(entropy.seed(), entropy.seed());
}

}  // namespace
}  // namespace smartlic::identity
