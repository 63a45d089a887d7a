// Every frozen vector is read back for ever: good ones are accepted and give the same JSON again,
// bad ones are refused by their own rung and by it alone (RULES M8). SMARTLIC_WRITE_VECTORS=1 makes
// them anew first.

#include "message/vectors.hpp"

#include <gtest/gtest.h>

#include <map>

#include "message/codec.hpp"
#include "message/trust_file.hpp"

namespace smartlic::message::test {
namespace {

class Vectors : public testing::TestWithParam<identity::Algorithm> {
 protected:
  static std::string folder_of(identity::Algorithm algorithm) {
    return vectors_folder() + (algorithm == identity::Algorithm::es256 ? "/es256" : "/rs256");
  }
  static void SetUpTestSuite() {
    if (!writes_vectors()) return;
    for (const auto algorithm : both_algorithms) {
      const World& made = world(algorithm);
      write_text(folder_of(algorithm) + "/trust.json", encode(TrustFile{made.manager, made.roots}));
      write_vectors(folder_of(algorithm) + "/good", good_vectors(made));
      write_vectors(folder_of(algorithm) + "/bad", bad_vectors(made));
    }
  }
  static TrustFile trust() {
    const std::string text = read_text(folder_of(GetParam()) + "/trust.json");
    return must(decode_trust_file(as_bytes(text)));
  }
  static std::string outcome(const TrustFile& trust, const Vector& vector,
                             std::string_view left_out = {}) {
    if (!vector.is_answer) {
      return outcome_of_request({trust.manager, trust.roots}, vector.of, left_out);
    }
    return outcome_of_answer({trust.manager, trust.roots, {}}, vector.of, left_out);
  }
};

TEST_P(Vectors, GoodOnesAreAcceptedAndSayTheSameJsonAgain) {
  const TrustFile pinned = trust();
  std::set<std::string> names;
  for (const auto& vector : read_vectors(folder_of(GetParam()) + "/good")) {
    names.insert(vector.name);
    EXPECT_EQ(outcome(pinned, vector), "") << vector.name;
    const Envelope envelope = must(parse_envelope(vector.of.message));
    identity::ChainCache chains;
    std::string again;
    if (vector.is_answer) {
      const auto verified = verify_answer(vector.of.message, {pinned.manager, pinned.roots, {}},
                                          {&vector.of.open, 1}, chains);
      ASSERT_TRUE(verified.ok());
      EXPECT_EQ(verified->newer_roots.has_value(), vector.name == "authorized-with-roots");
      again = dump(encode(verified->answer));
    } else {
      const auto opened = open_request(vector.of.message, {pinned.manager, pinned.roots}, chains);
      again = dump(encode(*std::get<OpenedRequest>(opened).request));
    }
    EXPECT_EQ(again, as_text(envelope.payload)) << vector.name;
  }
  for (const auto name : request_types) EXPECT_TRUE(names.contains(std::string{name})) << name;
  for (const auto name : answer_types) EXPECT_TRUE(names.contains(std::string{name})) << name;
}

TEST_P(Vectors, BadOnesAreRefusedByTheirRungAlone) {
  const TrustFile pinned = trust();
  std::map<std::string, Errc> codes;
  for (std::size_t at = 0; at < rung_names.size(); ++at) {
    codes.emplace(rung_names[at], rung_codes[at]);
  }
  std::set<std::pair<bool, std::string>> covered;
  for (const auto& vector : read_vectors(folder_of(GetParam()) + "/bad")) {
    covered.emplace(vector.is_answer, vector.rung);
    EXPECT_EQ(outcome(pinned, vector), to_string(codes.at(vector.rung))) << vector.name;
    if (vector.rung == "parse") continue;  // what is not parsed cannot be accepted
    EXPECT_EQ(outcome(pinned, vector, vector.rung), "") << vector.name;
  }
  EXPECT_EQ(covered.size(), 2 * rung_names.size());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Vectors, testing::ValuesIn(both_algorithms),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

}  // namespace
}  // namespace smartlic::message::test
