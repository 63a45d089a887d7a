// RULES P1 and P2: the pool of a virtual account, by hand and against brute force.

#include "rules/pool.hpp"

#include <map>
#include <random>

#include "device.hpp"

namespace smartlic::rules {
namespace {

constexpr std::uint32_t tag = 0;

TEST(Pool, P1_a_purchase_is_valid_from_its_start_to_before_its_end) {
  Pool pool;
  pool.purchase(tag, {5, day(10), day(20)});
  pool.purchase(tag, {3, day(0)});
  EXPECT_EQ(pool.purchased(tag, day(0) - tick), 0);
  EXPECT_EQ(pool.purchased(tag, day(0)), 3);
  EXPECT_EQ(pool.purchased(tag, day(10) - tick), 3);
  EXPECT_EQ(pool.purchased(tag, day(10)), 8);
  EXPECT_EQ(pool.purchased(tag, day(20) - tick), 8);
  EXPECT_EQ(pool.purchased(tag, day(20)), 3);
  EXPECT_EQ(pool.purchased(tag + 1, day(10)), 0) << "a tag nobody bought";
}

TEST(Pool, P1_usage_ends_at_its_exact_instant_or_with_its_release) {
  Pool pool;
  const TagCount wanted[]{{tag, 2}};
  pool.use(1, wanted, day(90), day(0));
  pool.use(2, wanted, day(50), day(0));
  EXPECT_EQ(pool.in_use(tag, day(50) - tick), 4);
  EXPECT_EQ(pool.in_use(tag, day(50)), 2);
  EXPECT_TRUE(pool.usage(2, day(50)).empty());
  pool.release(1);
  pool.release(1);
  pool.release(99);
  EXPECT_EQ(pool.in_use(tag, day(50)), 0);
}

TEST(Pool, P1_a_new_count_replaces_the_old_as_a_whole) {
  Pool pool;
  const TagCount before[]{{0, 2}, {1, 7}};
  const TagCount after[]{{1, 3}};
  pool.use(1, before, day(90), day(0));
  pool.use(1, after, day(10), day(1));
  EXPECT_EQ(pool.in_use(0, day(1)), 0);
  EXPECT_EQ(pool.in_use(1, day(1)), 3);
  EXPECT_EQ(pool.in_use(1, day(10)), 0) << "the end is the new one";
  pool.use(1, after, day(90), day(20));
  EXPECT_TRUE(pool.use(1, {}, day(90), day(21))) << "an empty request releases (E9)";
  EXPECT_EQ(pool.in_use(1, day(21)), 0);
}

TEST(Pool, P1_a_usage_is_extended_while_it_lasts_and_not_after) {
  Pool pool;
  const TagCount wanted[]{{tag, 2}};
  pool.use(1, wanted, day(10), day(0));
  pool.extend(1, day(30), day(10) - tick);
  EXPECT_EQ(pool.in_use(tag, day(30) - tick), 2);
  pool.extend(1, day(90), day(30));
  EXPECT_EQ(pool.in_use(tag, day(30)), 0);
  pool.extend(99, day(90), day(30));
  EXPECT_EQ(pool.in_use(tag, day(30)), 0);
}

TEST(Pool, P2_usage_up_to_what_is_purchased_is_in_compliance_for_each_at_its_next_request) {
  Pool pool;
  pool.purchase(tag, {4, day(0)});
  const TagCount two[]{{tag, 2}};
  const TagCount three[]{{tag, 3}};
  EXPECT_TRUE(pool.use(1, two, day(90), day(0)));
  EXPECT_TRUE(pool.use(2, two, day(90), day(0))) << "exactly what was bought";
  EXPECT_FALSE(pool.use(2, three, day(90), day(1))) << "served all the same (S3)";
  EXPECT_EQ(pool.balance(tag, day(1)), -1);
  EXPECT_FALSE(pool.use(1, two, day(90), day(2))) << "every instance that asks for it";
  EXPECT_TRUE(pool.use(2, two, day(90), day(3)));
  EXPECT_TRUE(pool.use(1, two, day(90), day(4)));
}

TEST(Pool, P2_the_overall_status_is_the_worst_tags) {
  Pool pool;
  pool.purchase(0, {10, day(0)});
  pool.purchase(2, {1, day(0)});
  const TagCount worst_first[]{{2, 2}, {0, 1}};
  const TagCount worst_last[]{{0, 1}, {2, 2}};
  const TagCount nothing_bought[]{{7, 1}};
  EXPECT_FALSE(pool.use(1, worst_first, day(90), day(0)));
  EXPECT_FALSE(pool.use(1, worst_last, day(90), day(0)));
  EXPECT_FALSE(pool.use(1, nothing_bought, day(90), day(0)));
  EXPECT_TRUE(pool.use(1, {}, day(90), day(0)));
}

/// P1 and P2 word by word, without a queue.
struct BruteForce {
  struct Usage {
    std::vector<TagCount> counts;
    UtcTime until;
  };
  std::map<Pool::InstanceId, Usage> usages;
  std::map<std::uint32_t, std::vector<Purchase>> purchases;

  [[nodiscard]] std::int64_t in_use(std::uint32_t number, UtcTime now) const {
    std::int64_t sum = 0;
    for (const auto& [_, usage] : usages) {
      for (const auto& each : usage.counts) {
        if (now < usage.until && each.tag == number) sum += each.count;
      }
    }
    return sum;
  }
  [[nodiscard]] std::int64_t purchased(std::uint32_t number, UtcTime now) const {
    const auto found = purchases.find(number);
    std::int64_t sum = 0;
    if (found == purchases.end()) return 0;
    for (const auto& each : found->second)
      sum += now >= each.start && now < each.end ? each.count : 0;
    return sum;
  }
};

TEST(Pool, P1_P2_equal_brute_force_on_random_uses) {
  int out_of_compliance = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random{seed};
    const auto below = [&random](std::uint32_t n) { return static_cast<int>(random() % n); };
    Pool pool;
    BruteForce model;
    UtcTime now = origin;
    for (int step = 0; step < 300; ++step) {
      now += below(4) * one_day;  // often the very instant of an end
      const auto instance = static_cast<Pool::InstanceId>(below(6));
      const UtcTime until = now + (1 + below(12)) * one_day;
      switch (below(5)) {
        case 0: {
          const Purchase bought{below(4), now + below(5) * one_day, until + below(9) * one_day};
          const auto number = static_cast<std::uint32_t>(below(3));
          pool.purchase(number, bought);
          model.purchases[number].push_back(bought);
          break;
        }
        case 1:
          pool.release(instance);
          model.usages.erase(instance);
          break;
        case 2:
          pool.extend(instance, until, now);
          if (model.usages.contains(instance) && now < model.usages[instance].until) {
            model.usages[instance].until = until;
          }
          break;
        default: {
          std::vector<TagCount> wanted;
          for (std::uint32_t number = 0; number < 3; ++number) {
            if (below(2) == 0) wanted.push_back({number, below(5)});
          }
          model.usages[instance] = {wanted, until};
          bool compliant = true;
          for (const auto& each : wanted) {
            compliant = compliant && model.in_use(each.tag, now) <= model.purchased(each.tag, now);
          }
          ASSERT_EQ(pool.use(instance, wanted, until, now), compliant) << seed << ":" << step;
          out_of_compliance += compliant ? 0 : 1;
        }
      }
      for (std::uint32_t number = 0; number < 4; ++number) {
        ASSERT_EQ(pool.in_use(number, now), model.in_use(number, now)) << seed << ":" << step;
        ASSERT_EQ(pool.purchased(number, now), model.purchased(number, now)) << seed << ":" << step;
      }
    }
  }
  EXPECT_GT(out_of_compliance, 1000);
}

}  // namespace
}  // namespace smartlic::rules
