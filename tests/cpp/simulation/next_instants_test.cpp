#include "simulation/next_instants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace smartlic::simulation {
namespace {

constexpr UtcTime origin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

TEST(NextInstants, the_earliest_comes_first_and_of_equal_ones_the_lowest_member) {
  for (const std::uint32_t count : {1U, 2U, 3U, 7U, 8U, 100U}) {
    std::mt19937 random{count};
    NextInstants instants{count, origin};
    EXPECT_EQ(instants.at(), never) << "nobody has an instant yet";
    std::vector<UtcTime> plain(count, never);
    for (int step = 0; step < 2000; ++step) {
      const auto member = static_cast<std::uint32_t>(random() % count);
      const UtcTime at = random() % 10 == 0 ? never : origin + Ms{random() % 20};
      plain[member] = at;
      instants.set(member, at);
      const auto first = std::ranges::min_element(plain);
      ASSERT_EQ(instants.at(), *first);
      if (*first == never) continue;
      ASSERT_EQ(instants.first(), first - plain.begin());
    }
  }
}

TEST(NextInstants, centuries_later_instants_keep_their_order) {
  NextInstants instants{2, origin};
  instants.set(0, origin + 150'000 * one_day);
  instants.set(1, origin + 150'000 * one_day - Ms{1});
  EXPECT_EQ(instants.first(), 1U);
  EXPECT_EQ(instants.at(), origin + 150'000 * one_day - Ms{1});
}

}  // namespace
}  // namespace smartlic::simulation
