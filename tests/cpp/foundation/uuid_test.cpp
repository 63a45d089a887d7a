#include "foundation/uuid.hpp"

#include <gtest/gtest.h>

namespace smartlic {
namespace {

TEST(Uuid, reads_and_writes_the_canonical_form) {
  const std::string text = "8f106f12-4d11-44b7-8f36-f7aee3dfaa01";  // F5's
  const auto uuid = Uuid::parse(text);
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ(uuid->bytes[0], 0x8f);
  EXPECT_EQ(uuid->bytes[15], 0x01);
  EXPECT_EQ(uuid->to_string(), text);
  EXPECT_FALSE(uuid->is_nil());
  EXPECT_TRUE(Uuid{}.is_nil());
}

TEST(Uuid, refuses_every_other_form) {
  for (const std::string_view text : {
           "",
           "8f106f12-4d11-44b7-8f36-f7aee3dfaa0",    // short
           "8f106f12-4d11-44b7-8f36-f7aee3dfaa012",  // long
           "8F106F12-4D11-44B7-8F36-F7AEE3DFAA01",   // upper case
           "8f106f12a4d11-44b7-8f36-f7aee3dfaa01",   // a dash missing
           "8f106f1-24d11-44b7-8f36-f7aee3dfaa01",   // a dash misplaced
           "8f106f12-4d11-44b7-8f36-f7aee3dfaag1",   // not hexadecimal
           "{8f106f12-4d11-44b7-8f36-f7aee3dfaa0}",  // braces
       }) {
    const auto uuid = Uuid::parse(text);
    ASSERT_FALSE(uuid.ok()) << text;
    EXPECT_EQ(uuid.error().code, Errc::invalid_argument) << text;
  }
}

TEST(Uuid, from_entropy_is_version_4_and_keeps_the_other_122_bits) {
  std::array<std::uint8_t, 16> zeros{};
  std::array<std::uint8_t, 16> ones;
  ones.fill(0xFF);
  EXPECT_EQ(Uuid::from_entropy(zeros).to_string(), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(Uuid::from_entropy(ones).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

}  // namespace
}  // namespace smartlic
