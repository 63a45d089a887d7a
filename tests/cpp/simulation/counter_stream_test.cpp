#include "simulation/counter_stream.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace smartlic::simulation {
namespace {

TEST(CounterStream, streams_of_other_seeds_pools_and_devices_differ) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    for (std::uint64_t pool = 0; pool < 30; ++pool) {
      for (std::uint64_t device = 0; device < 30; ++device) {
        CounterStream stream{seed, pool, device};
        for (int n = 0; n < 3; ++n) seen.insert(stream.next());
      }
    }
  }
  EXPECT_EQ(seen.size(), 3U * 30U * 30U * 3U);
}

TEST(CounterStream, the_same_bits_on_every_machine) {
  CounterStream stream{1, 2, 3};
  const std::vector<std::uint64_t> first{stream.next(), stream.next()};
  EXPECT_EQ(first, (std::vector<std::uint64_t>{3487128831401534792U, 11733750967641101063U}));
  EXPECT_EQ(stream.exponential(one_day), Ms{47'605'979});
}

TEST(CounterStream, a_range_reaches_both_its_ends_and_nothing_else) {
  CounterStream stream{1, 0, 0};
  std::set<std::int64_t> seen;
  for (int n = 0; n < 1000; ++n) seen.insert(stream.in({-2, 3}));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(stream.in({5, 5}), 5);
}

// Mean and tail of the exponential distribution: at 10^5 draws their errors are below 0.4 % and
// 0.002 with a chance of 1 in 10,000 each, and the draws are always the same ones.
TEST(CounterStream, waiting_times_are_exponential) {
  constexpr int draws = 100'000;
  const Ms mean = 30 * one_day;
  CounterStream stream{7, 0, 0};
  double sum = 0;
  int above_one = 0;
  int above_three = 0;
  for (int n = 0; n < draws; ++n) {
    const Ms drawn = stream.exponential(mean);
    ASSERT_GE(drawn, Ms{0});
    sum += static_cast<double>(drawn.count());
    above_one += drawn > mean ? 1 : 0;
    above_three += drawn > 3 * mean ? 1 : 0;
  }
  EXPECT_NEAR(sum / draws / static_cast<double>(mean.count()), 1.0, 0.0125);
  EXPECT_NEAR(above_one / double{draws}, 0.36788, 0.006);
  EXPECT_NEAR(above_three / double{draws}, 0.04979, 0.003);
}

}  // namespace
}  // namespace smartlic::simulation
