#include <gtest/gtest.h>

#include "identity/encoding.hpp"

namespace smartlic::identity {
namespace {

std::string text_of(const Result<Bytes>& decoded) {
  return decoded ? std::string{as_text(*decoded)} : "refused: " + decoded.error().detail;
}

TEST(Base64, GivesTheVectorsOfRfc4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64(as_bytes(plain)), encoded);
    EXPECT_EQ(text_of(from_base64(encoded)), plain);
    const auto bare = encoded.substr(0, encoded.find('='));
    EXPECT_EQ(base64url(as_bytes(plain)), bare);
    EXPECT_EQ(text_of(from_base64url(bare)), plain);
  }
  const Bytes high{0xFB, 0xFF, 0xBF};
  EXPECT_EQ(base64(high), "+/+/");
  EXPECT_EQ(base64url(high), "-_-_");
  EXPECT_EQ(*from_base64url("-_-_"), high);
}

// RULES M1: non-canonical base64url is refused, so one value has one spelling.
TEST(Base64, RefusesEverythingButTheCanonicalSpelling) {
  for (const auto* text : {"Zg==", "Zm9v\n", " Zm9v", "Zm9v Zm9v", "Zm+v", "Zm/v", "Zh", "Zm9", "Z",
                           "Zm9vZ", "Zm\x80v"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8==", "====", "Zm9v====",
                           "Z===", "Zm-v", "Zm9v\n", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, RefusesEveryForeignByteAtEveryPlace) {
  for (std::size_t place = 0; place < 7; ++place) {
    int accepted = 0;
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "AAAAAAA";
      text[place] = static_cast<char>(byte);
      accepted += from_base64url(text) ? 1 : 0;
    }
    // two bits of the last digit are no part of the fifth byte
    EXPECT_EQ(accepted, place == 6 ? 16 : 64) << place;
  }
}

TEST(Base64, ReadsBackEveryLengthAndByte) {
  Bytes bytes;
  for (int at = 0; at < 300; ++at) {
    EXPECT_EQ(*from_base64url(base64url(bytes)), bytes);
    EXPECT_EQ(*from_base64(base64(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(at * 7));
  }
}

// RULES M6: lower-case, unpadded; the vectors are RFC 4648's.
TEST(Base32, GivesTheVectorsOfRfc4648InLowerCase) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "my"},
                                                                   {"fo", "mzxq"},
                                                                   {"foo", "mzxw6"},
                                                                   {"foob", "mzxw6yq"},
                                                                   {"fooba", "mzxw6ytb"},
                                                                   {"foobar", "mzxw6ytboi"}};
  for (const auto& [plain, encoded] : vectors) EXPECT_EQ(base32(as_bytes(plain)), encoded);
}

TEST(Hex, IsLowerCase) { EXPECT_EQ(hex(Bytes{0x00, 0x0A, 0xFF}), "000aff"); }

TEST(Pem, SplitsATextWithSeveralBlocks) {
  const Bytes first(100, 1);
  const Bytes second(3, 2);
  const std::string text = "subject=someone\n" + to_pem("CERTIFICATE", first) + "\nmore\n" +
                           to_pem("PRIVATE KEY", second);
  const auto blocks = from_pem(text);
  ASSERT_TRUE(blocks);
  ASSERT_EQ(blocks->size(), 2U);
  EXPECT_EQ((*blocks)[0].label, "CERTIFICATE");
  EXPECT_EQ((*blocks)[0].der, first);
  EXPECT_EQ((*blocks)[1].label, "PRIVATE KEY");
  EXPECT_EQ((*blocks)[1].der, second);
}

TEST(Pem, WritesLinesOf64AndReadsCarriageReturns) {
  const std::string text = to_pem("X", Bytes(49, 0));
  EXPECT_EQ(text, "-----BEGIN X-----\n" + std::string(64, 'A') + "\nAA==\n-----END X-----\n");
  EXPECT_TRUE(from_pem("-----BEGIN X-----\r\nAA==\r\n-----END X-----\r\n"));
  EXPECT_TRUE(from_pem("-----BEGIN X-----\nAA==\n-----END X-----"));
}

TEST(Pem, RefusesBrokenBlocks) {
  for (const auto* text :
       {"", "no block", "-----BEGIN X-----\nAA==\n", "-----BEGIN X-----\nAA==\n-----END Y-----\n",
        "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n-----END X-----\n",
        "-----BEGIN X-----\nAA\n-----END X-----\n", "-----BEGIN -----"}) {
    EXPECT_FALSE(from_pem(text)) << text;
  }
}

}  // namespace
}  // namespace smartlic::identity
