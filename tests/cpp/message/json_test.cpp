// JSON is read strictly (RULES M1: depth, duplicates; DESIGN 3: exact types) and written in one
// way.

#include "message/json.hpp"

#include <gtest/gtest.h>

#include <random>

namespace smartlic::message {
namespace {

using namespace std::string_literals;

std::string reads(std::string_view text) {
  const auto json = parse_json(as_bytes(text));
  return json ? dump(*json) : std::string{smartlic::to_string(json.error().code)};
}

TEST(Json, ReadsEveryTypeAndWritesItInTheOrderRead) {
  EXPECT_EQ(reads(R"( {"b":[1,-2,null],"a":{"t":true,"f":false},"":"x"} )"),
            R"({"b":[1,-2,null],"a":{"t":true,"f":false},"":"x"})");
  EXPECT_EQ(reads("[]"), "[]");
  EXPECT_EQ(reads("{}"), "{}");
  EXPECT_EQ(reads("[[],[{}]]"), "[[],[{}]]");
  EXPECT_EQ(reads(R"("a")"), R"("a")");
}

TEST(Json, EscapesWhatHasTo) {
  EXPECT_EQ(dump("\"\\\n\x01"), R"("\"\\\n\u0001")");
  EXPECT_EQ(dump("\xC3\xA9"), "\"\xC3\xA9\"");
  EXPECT_EQ(dump("\xFF"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(reads(R"("\u00e9\/")"), "\"\xC3\xA9/\"");
}

TEST(Json, RefusesWhatIsNotExactlyOneValue) {
  for (const auto& text : {""s, " "s, "{"s, "[1,]"s, "{} {}"s, "{}x"s, "{\"a\":1,}"s, "nul"s,
                           "// c\n1"s, "'a'"s, "{a:1}"s, "01"s, "+1"s}) {
    EXPECT_EQ(reads(text), "message_malformed") << text;
  }
}

TEST(Json, RefusesBytesThatTheParserWouldPassOver) {
  EXPECT_EQ(reads("{}\0{}"s), "message_malformed");
  EXPECT_EQ(reads("{}\0"s), "message_malformed");
  EXPECT_EQ(reads("\xEF\xBB\xBF{}"), "message_malformed");
}

TEST(Json, RefusesDuplicateMembersAtAnyDepth) {
  EXPECT_EQ(reads(R"({"a":1,"b":2,"a":1})"), "message_malformed");
  EXPECT_EQ(reads(R"([{"x":{"a":1,"\u0061":2}}])"), "message_malformed");
  EXPECT_EQ(reads(R"([{"a":1},{"a":1}])"), R"([{"a":1},{"a":1}])");
}

TEST(Json, RefusesInvalidUtf8) {
  for (const auto& bytes : {"\xFF"s, "\xC0\xAF"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xC3"s}) {
    EXPECT_EQ(reads('"' + bytes + '"'), "message_malformed");
  }
  EXPECT_EQ(reads(R"("\ud800")"), "message_malformed");
}

TEST(Json, TakesIntegersThatFit64BitsAndNoOtherNumbers) {
  EXPECT_EQ(reads("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(reads("-9223372036854775808"), "-9223372036854775808");
  for (const auto* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                           "1.0", "1e3", "-0.5", "1E0"}) {
    EXPECT_EQ(reads(text), "message_malformed") << text;
  }
}

/// What reading gives: the value, or the error's code.
std::variant<Json, Errc> outcome(std::string_view text) {
  auto json = parse_json(as_bytes(text));
  if (!json) return json.error().code;
  return *std::move(json);
}

// White space in front leaves the whole text to the parser; without it plain texts are read fast.
TEST(Json, ReadsPlainTextsAsTheParserDoes) {
  for (const auto& text : {R"({"a":"b"})"s,
                           R"([1,-2,[],{}])"s,
                           R"({"a":1,"a":2})"s,
                           R"(["a\u0041"])"s,
                           R"(["\"\\\n","\\n"])"s,
                           R"(["\r"])"s,
                           R"("\)"s,
                           "tru"s,
                           "[true,false,null]"s,
                           "falsey"s,
                           "[-0]"s,
                           "[00]"s,
                           "[9223372036854775807,-9223372036854775808]"s,
                           "[9223372036854775808]"s,
                           "[1.0]"s,
                           "[1e1]"s,
                           "[1 ]"s,
                           "[1,]"s,
                           "[,1]"s,
                           "[1}"s,
                           R"({"a"})"s,
                           R"({"a":1]})"s,
                           R"({"a":1,})"s,
                           "\"\x7f\""s,
                           "\"\x1f\""s,
                           "\"\xC3\xA9\""s,
                           "\"\xFF\""s,
                           "\"\0\""s,
                           "\"a\"b"s,
                           "\"a"s,
                           "true"s,
                           "null"s,
                           ""s,
                           std::string(16, '[') + std::string(16, ']'),
                           std::string(17, '[') + std::string(17, ']')}) {
    EXPECT_EQ(outcome(text), outcome(' ' + text)) << text;
  }
}

TEST(Json, ReadsRandomTextsAsTheParserDoes) {
  constexpr std::string_view letters = "{}[]:,\"\\ n0-1e.u\x7f\x1f\xC3\xA9";
  const std::string good = R"({"a":"b\n","c":[1,-20,{"d":[true,null]}],"e":{}})";
  std::mt19937 random{20260101};
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = good;
    for (auto changes = random() % 3 + 1; changes > 0; --changes) {
      const auto at = random() % text.size();
      text.replace(at, random() % 3, random() % 3, letters[random() % letters.size()]);
    }
    const auto read = outcome(text);
    EXPECT_EQ(read, outcome(' ' + text)) << text;
    accepted += read.index() == 0 ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_LT(accepted, 49'000);
}

TEST(Json, LimitsDepthExactly) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(reads(nested(16)), nested(16));
  EXPECT_EQ(reads(nested(17)), "message_malformed");
  const std::string objects = R"({"a":[{"a":)" + nested(13) + "}]}";
  EXPECT_EQ(reads(objects), objects);
  EXPECT_EQ(reads(R"({"a":[{"a":)" + nested(14) + "}]}"), "message_malformed");
}

TEST(Json, LimitsSizeExactly) {
  const std::string text = "\"1234\"";
  EXPECT_TRUE(parse_json(as_bytes(text), {.max_bytes = 6}).ok());
  EXPECT_EQ(parse_json(as_bytes(text), {.max_bytes = 5}).error().code, Errc::message_too_large);
}

TEST(Json, GettersGiveExactTypesOnly) {
  const auto json = parse_json(as_bytes(R"({"t":"1","i":1,"b":true,"a":[],"o":{},"n":null})"));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(*json->text("t"), "1");
  EXPECT_EQ(*json->integer("i"), 1);
  EXPECT_EQ(*json->boolean("b"), true);
  EXPECT_TRUE(json->array("a")->empty());
  EXPECT_TRUE(json->object("o")->if_object()->empty());
  EXPECT_TRUE(json->find("n")->is_null());
  EXPECT_EQ(json->integer("t"), nullptr);
  EXPECT_EQ(json->text("i"), nullptr);
  EXPECT_EQ(json->integer("b"), nullptr);
  EXPECT_EQ(json->boolean("i"), nullptr);
  EXPECT_EQ(json->object("a"), nullptr);
  EXPECT_EQ(json->array("o"), nullptr);
  EXPECT_EQ(json->text("n"), nullptr);
  EXPECT_EQ(json->text("missing"), nullptr);
  EXPECT_EQ(Json{"text"}.find("t"), nullptr);
}

}  // namespace
}  // namespace smartlic::message
