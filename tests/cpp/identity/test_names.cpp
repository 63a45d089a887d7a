#include <gtest/gtest.h>

#include "identity/serial.hpp"
#include "identity/tag.hpp"
#include "identity/udi.hpp"

namespace smartlic::identity {
namespace {

TEST(Udi, ReadsBothWrittenForms) {
  const Udi expected{"CUSP-SRE-K9", "FTX1234ABCD"};
  EXPECT_EQ(*Udi::parse("PID:CUSP-SRE-K9,SN:FTX1234ABCD"), expected);
  EXPECT_EQ(*Udi::parse("PID:CUSP-SRE-K9SN:FTX1234ABCD"), expected);  // S14
  EXPECT_EQ(expected.to_string(), "PID:CUSP-SRE-K9,SN:FTX1234ABCD");
  EXPECT_EQ(*Udi::parse("PID:XSNSN:SN:1"), (Udi{"XSN", "SN:1"}));
}

TEST(Udi, RefusesWhatCannotBeReadBack) {
  for (const auto* text :
       {"", "PID:", "PID:A", "SN:1", "PID:,SN:1", "PID:A,SN:", "pid:A,SN:1", "PID:A,,SN:1",
        "PID:A,SN:1,2", " PID:A,SN:1", "PID: A,SN:1", "PID:A ,SN:1", "PID:A,SN:1 "}) {
    EXPECT_FALSE(Udi::parse(text)) << text;
  }
  EXPECT_FALSE(Udi::make("ASN:B", "1"));
}

// RULES M6: PrintableString, 64 in all.
TEST(Udi, HasPrintableCharactersAnd64OfThem) {
  for (const char c : std::string{"*@_&!\"#;<>\\|~\n\x80", 15})
    EXPECT_FALSE(Udi::make(std::string{"A"} + c + "B", "1")) << c;
  EXPECT_TRUE(Udi::make("A '()+-./:=?9", "z Z"));
  const std::string longest(64 - std::string_view{"PID:,SN:1"}.size(), 'A');
  EXPECT_TRUE(Udi::make(longest, "1"));
  EXPECT_FALSE(Udi::make(longest + "A", "1"));
}

TEST(Udi, MakesUpASerialOfElevenCharacters) {  // S12
  Entropy entropy{{}};
  const auto first = random_serial(entropy);
  EXPECT_EQ(first.size(), 11U);
  EXPECT_EQ(first.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
  EXPECT_NE(first, random_serial(entropy));
  EXPECT_TRUE(Udi::make("CUSP", first));
}

constexpr std::string_view cusp =
    "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01";  // F5

TEST(EntitlementTag, TakesF5Apart) {
  const auto tag = EntitlementTag::parse(cusp);
  ASSERT_TRUE(tag) << tag.error().detail;
  EXPECT_EQ(tag->year, 2014);
  EXPECT_EQ(tag->month, 8);
  EXPECT_EQ(tag->domain, "com.cisco");
  EXPECT_EQ(tag->feature, "CUSP-5");
  EXPECT_EQ(tag->version, "1.0");
  EXPECT_EQ(tag->uuid.to_string(), "8f106f12-4d11-44b7-8f36-f7aee3dfaa01");
  EXPECT_EQ(tag->to_string(), cusp);
  EXPECT_EQ(EntitlementTag::parse("regid.2020-12.org.A_B,2_8f106f12-4d11-44b7-8f36-f7aee3dfaa01")
                ->to_string(),
            "regid.2020-12.org.A_B,2_8f106f12-4d11-44b7-8f36-f7aee3dfaa01");
}

TEST(EntitlementTag, RefusesEachWrongPart) {
  const std::pair<std::string_view, std::string_view> changes[] = {{"regid.", "Regid."},
                                                                   {"2014", "0999"},
                                                                   {"2014", "201"},
                                                                   {"2014-08", "2014-13"},
                                                                   {"2014-08", "2014-00"},
                                                                   {"2014-08", "2014.08"},
                                                                   {"-08", "-8"},
                                                                   {"com.cisco.", ""},
                                                                   {"com.", ".com."},
                                                                   {"com.cisco", "com..cisco"},
                                                                   {"cisco", "Cisco"},
                                                                   {"cisco", "-cisco"},
                                                                   {"cisco", "cisco-"},
                                                                   {"CUSP-5", ""},
                                                                   {"CUSP-5", "CUSP 5"},
                                                                   {",1.0", "1.0"},
                                                                   {"1.0", ""},
                                                                   {"1.0", "1/0"},
                                                                   {"_8f", "8f"},
                                                                   {"8f106f12", "8F106F12"},
                                                                   {"aa01", "aa01 "},
                                                                   {"aa01", "aa0"}};
  for (const auto& [from, to] : changes) {
    std::string text{cusp};
    text.replace(text.find(from), from.size(), to);
    EXPECT_FALSE(EntitlementTag::parse(text)) << text;
  }
  for (std::size_t size = 0; size < cusp.size(); ++size)
    EXPECT_FALSE(EntitlementTag::parse(cusp.substr(0, size)));
}

// RULES M3 orders signing certificates by serial number: as integers, not as texts.
TEST(SerialNumber, IsOrderedAsAnInteger) {
  const auto nine = *SerialNumber::from_u64(0x09);
  const auto ten = *SerialNumber::from_u64(0x10);
  const auto thousand = *SerialNumber::from_u64(0x0100);
  EXPECT_LT(nine, ten);
  EXPECT_LT(ten, thousand);
  EXPECT_LT(*SerialNumber::from_u64(0xFF), thousand);
  EXPECT_EQ(thousand, *SerialNumber::from_bytes(Bytes{0, 0, 1, 0}));
  EXPECT_EQ(thousand.to_string(), "0100");
  EXPECT_EQ(SerialNumber::from_u64(970857)->to_string(), "0ed069");  // S17
}

TEST(SerialNumber, IsPositiveAndHasTwentyOctets) {
  EXPECT_FALSE(SerialNumber::from_u64(0));
  EXPECT_FALSE(SerialNumber::from_bytes({}));
  Bytes largest(20, 0xFF);
  largest.front() = 0x7F;
  EXPECT_TRUE(SerialNumber::from_bytes(largest));
  largest.front() = 0x80;
  EXPECT_FALSE(SerialNumber::from_bytes(largest));
  EXPECT_FALSE(SerialNumber::from_bytes(Bytes(21, 1)));
}

TEST(SerialNumber, ReadsItsOneSpelling) {
  EXPECT_EQ(SerialNumber::parse("0ed069")->to_string(), "0ed069");
  for (const auto* text :
       {"", "0", "00", "ed0", "0ED069", "000ed069", "0ed069 ", "0ed06g", "0x10"}) {
    EXPECT_FALSE(SerialNumber::parse(text)) << text;
  }
  Entropy entropy{{}};
  const auto drawn = SerialNumber::random(entropy);
  EXPECT_EQ(drawn.bytes().size(), 16U);
  EXPECT_EQ(*SerialNumber::parse(drawn.to_string()), drawn);
  EXPECT_NE(drawn, SerialNumber::random(entropy));
}

}  // namespace
}  // namespace smartlic::identity
