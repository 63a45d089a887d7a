// RULES M8: one rung, one code, in this order, and nothing but the rung itself refuses its fault.

#include "message/ladder.hpp"

#include <gtest/gtest.h>

#include "message/forge.hpp"

namespace smartlic::message::test {
namespace {

using Faults = std::set<std::string_view>;

std::string code_of(std::size_t rung) { return std::string{to_string(rung_codes[rung])}; }

TEST(Ladder, HasTheTenRungsInTheOrderOfM8) {
  std::vector<std::string_view> request;
  for (const auto& rung : request_ladder().opening) request.push_back(rung.name);
  for (const auto& rung : request_ladder().closing) request.push_back(rung.name);
  EXPECT_TRUE(std::ranges::equal(request, rung_names));
  ASSERT_EQ(answer_ladder().size(), rung_names.size());
  for (std::size_t at = 0; at < rung_names.size(); ++at) {
    EXPECT_EQ(answer_ladder()[at].name, rung_names[at]);
    EXPECT_EQ(answer_ladder()[at].code, rung_codes[at]);
  }
}

class LadderOf : public testing::TestWithParam<identity::Algorithm> {
 protected:
  const World& world_ = world(GetParam());

  std::string request_outcome(const Faults& faults, std::string_view left_out = {}) {
    return outcome_of_request(world_.request_pins(), forge_request(world_, faults), left_out);
  }
  std::string answer_outcome(const Faults& faults, std::string_view left_out = {}) {
    return outcome_of_answer(world_.answer_pins(), forge_answer(world_, faults), left_out);
  }
};

TEST_P(LadderOf, AcceptsWhatHasNoFault) {
  EXPECT_EQ(request_outcome({}), "");
  EXPECT_EQ(answer_outcome({}), "");
}

TEST_P(LadderOf, RefusesAFaultByItsRungAlone) {
  for (std::size_t at = 0; at < rung_names.size(); ++at) {
    const Faults fault{rung_names[at]};
    for (std::size_t left_out = 0; left_out < rung_names.size(); ++left_out) {
      if (rung_names[left_out] == "parse") continue;  // without it there is no message
      const std::string expected = at == left_out ? "" : code_of(at);
      EXPECT_EQ(request_outcome(fault, rung_names[left_out]), expected)
          << rung_names[at] << " without " << rung_names[left_out];
      EXPECT_EQ(answer_outcome(fault, rung_names[left_out]), expected)
          << rung_names[at] << " without " << rung_names[left_out];
    }
  }
}

TEST_P(LadderOf, RefusesTwoFaultsByTheEarlierRung) {
  for (std::size_t first = 0; first < rung_names.size(); ++first) {
    for (std::size_t second = first + 1; second < rung_names.size(); ++second) {
      const Faults faults{rung_names[first], rung_names[second]};
      EXPECT_EQ(request_outcome(faults), code_of(first)) << rung_names[second];
      EXPECT_EQ(answer_outcome(faults), code_of(first)) << rung_names[second];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, LadderOf, testing::ValuesIn(both_algorithms),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

}  // namespace
}  // namespace smartlic::message::test
