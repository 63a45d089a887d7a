#include "foundation/mode.hpp"

#include <gtest/gtest.h>

#include <set>

#include "foundation/jitter.hpp"

namespace smartlic {
namespace {

TEST(Mode, S1_to_S5_are_spelled_as_the_field_does) {
  EXPECT_EQ(to_string(Mode::Disabled), "Disabled");
  EXPECT_EQ(to_string(Mode::Eval), "Eval");
  EXPECT_EQ(to_string(Mode::InCompliance), "InCompliance");
  EXPECT_EQ(to_string(Mode::OutOfCompliance), "OutOfCompliance");
  EXPECT_EQ(to_string(Mode::EvalExpired), "EvalExpired");
  EXPECT_EQ(to_string(Mode::AuthorizationExpired), "AuthorizationExpired");
  for (const Mode mode : all_modes) EXPECT_EQ(mode_from(to_string(mode)), mode);
  EXPECT_EQ(mode_from("eval"), std::nullopt);
}

TEST(Mode, E1_three_modes_allow_calls) {
  std::set<Mode> allowing;
  for (const Mode mode : all_modes) {
    if (calls_allowed(mode)) allowing.insert(mode);
  }
  EXPECT_EQ(allowing, (std::set{Mode::Eval, Mode::InCompliance, Mode::OutOfCompliance}));
}

TEST(Jitter, draws_every_value_of_the_interval_and_none_outside) {
  Jitter jitter{42};
  std::set<Ms> drawn;
  for (int n = 0; n < 1000; ++n) drawn.insert(jitter.between(Ms{-3}, Ms{6}));
  EXPECT_EQ(drawn.size(), 10U);
  EXPECT_EQ(*drawn.begin(), Ms{-3});
  EXPECT_EQ(*drawn.rbegin(), Ms{6});
}

TEST(Jitter, an_empty_interval_gives_its_low_end_and_draws_nothing) {
  Jitter jitter{42};
  EXPECT_EQ(jitter.between(Ms{5}, Ms{5}), Ms{5});
  EXPECT_EQ(jitter.between(Ms{5}, Ms{4}), Ms{5});
  EXPECT_EQ(jitter, Jitter{42});
}

TEST(Jitter, is_splitmix64) {
  // The first outputs for seed 1234567 as published with the algorithm's reference code.
  Jitter jitter{1234567};
  constexpr std::uint64_t expected[]{6457827717110365317U, 3203168211198807973U};
  for (const auto value : expected) {
    constexpr std::uint64_t width = 1'000'000'000'000U;
    EXPECT_EQ(jitter.between(Ms{0}, Ms{width - 1}), Ms{value % width});
  }
}

}  // namespace
}  // namespace smartlic
