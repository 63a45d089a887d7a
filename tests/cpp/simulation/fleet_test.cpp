#include "simulation/fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace smartlic::simulation {
namespace {

using rules::EventKind;

constexpr UtcTime start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

FleetPlan small_fleet() {
  FleetPlan plan;
  plan.pools = 6;
  plan.devices = 40;
  plan.start = start;
  plan.end = start + 400 * one_day;
  plan.enabled_after_ms = {0, (20 * one_day).count()};
  plan.registered_after_ms = {0, (2 * one_day).count()};
  plan.requested = {1, 4};
  plan.purchased_permille = {700, 1300};
  plan.manager_faults = {100 * one_day, 5 * one_day};
  plan.link_faults = {200 * one_day, 40 * one_day};
  plan.replaced_after = 900 * one_day;
  plan.traffic.busy_millicps = {1000, 30'000};
  plan.traffic.curve.fill(500);
  plan.load = {start + 100 * one_day, std::chrono::hours{1}, 48};
  return plan;
}

std::uint64_t count(const FleetResult& result, EventKind kind) {
  return result.totals.events[static_cast<std::size_t>(kind)];
}

TEST(Fleet, any_partition_of_the_pools_merges_into_the_same_whole) {
  const FleetPlan plan = small_fleet();
  const FleetResult whole = run_pools(plan, 0, plan.pools);
  FleetResult backwards{plan};
  for (std::uint32_t pool = plan.pools; pool-- > 0;)
    ASSERT_TRUE(backwards.merge(run_pools(plan, pool, 1)).ok());
  EXPECT_EQ(backwards, whole);
  FleetResult halves = run_pools(plan, 3, 3);
  ASSERT_TRUE(halves.merge(run_pools(plan, 0, 3)).ok());
  EXPECT_EQ(halves, whole);
  FleetPlan other = plan;
  other.seed = 2;
  EXPECT_NE(run_pools(other, 0, other.pools), whole);
}

TEST(Fleet, parts_of_fleets_of_another_size_are_not_merged) {
  FleetPlan longer = small_fleet();
  longer.end += one_day;
  FleetResult result{small_fleet()};
  EXPECT_EQ(result.merge(FleetResult{longer}).error().code, Errc::invalid_argument);
}

TEST(Fleet, counts_agree_with_each_other) {
  const FleetPlan plan = small_fleet();
  const FleetResult result = run_pools(plan, 0, plan.pools);
  const auto& totals = result.totals;
  EXPECT_EQ(totals.pools, plan.pools);
  EXPECT_GT(totals.product_instances, std::uint64_t{plan.pools} * plan.devices);
  const auto sum = [](const std::vector<std::uint64_t>& series) {
    return std::accumulate(series.begin(), series.end(), std::uint64_t{0});
  };
  EXPECT_EQ(sum(result.requests), totals.requests);
  EXPECT_EQ(sum(result.unanswered), totals.unanswered);
  EXPECT_GT(totals.unanswered, 0U);
  EXPECT_GT(sum(result.load), 0U);
  EXPECT_GT(totals.calls_rejected_by_mode, 0U);
  EXPECT_GT(totals.calls_rejected_by_rate, 0U);
  EXPECT_LE(totals.calls_rejected_by_mode + totals.calls_rejected_by_rate, totals.calls_offered);
  EXPECT_EQ(count(result, EventKind::authorized) + count(result, EventKind::registered) +
                count(result, EventKind::certificate_renewed) + count(result, EventKind::refused),
            totals.requests - totals.unanswered)
      << "each answered request is one of the four";
  for (std::size_t instant = 0; instant < result.enabled.size(); ++instant) {
    const auto* first = &result.blocked.pools[instant * fraction_levels];
    ASSERT_EQ(std::accumulate(first, first + fraction_levels, 0U), plan.pools);
    ASSERT_LE(result.blocked.devices[instant] + result.out_of_compliance.devices[instant],
              result.enabled[instant]);
  }
}

TEST(Fleet, P2_a_pool_with_enough_licences_is_in_compliance_one_with_one_less_is_not) {
  FleetPlan plan;
  plan.devices = 1000;
  plan.start = start;
  plan.end = start + 100 * one_day;
  EXPECT_EQ(run_pools(plan, 0, 1).totals.out_of_compliance_ms, 0U);
  plan.purchased_permille = {999, 999};
  const FleetResult short_of_one = run_pools(plan, 0, 1);
  EXPECT_EQ(short_of_one.out_of_compliance.devices[0], 1U) << "the last to ask at first";
  EXPECT_EQ(short_of_one.out_of_compliance.devices[50], 1000U) << "each at its next request";
  EXPECT_EQ(short_of_one.totals.blocked_ms, 0U) << "S3: served all the same";
}

TEST(Fleet, P2_licences_bought_later_bring_every_device_back) {
  FleetPlan plan;
  plan.devices = 10;
  plan.start = start;
  plan.end = start + 60 * one_day;
  plan.purchased_permille = {500, 500};
  plan.purchases = {{start + 40 * one_day, 500}};
  const FleetResult result = run_pools(plan, 0, 1);
  EXPECT_EQ(result.out_of_compliance.devices[39], 10U);
  EXPECT_EQ(result.out_of_compliance.devices[41], 0U) << "asked every 12 hours";
}

TEST(Fleet, E2_an_outage_longer_than_the_period_blocks_everybody_until_it_ends) {
  FleetPlan plan;
  plan.devices = 20;
  plan.start = start;
  plan.end = start + 300 * one_day;
  plan.outages = {{start + one_day, start + 200 * one_day}};
  const FleetResult result = run_pools(plan, 0, 1);
  EXPECT_EQ(result.blocked.devices[89], 0U);
  EXPECT_EQ(result.blocked.devices[90], 20U) << "a sample sees what happens at its instant (E3)";
  EXPECT_EQ(result.blocked.devices[200], 20U);
  EXPECT_EQ(result.blocked.devices[201], 0U) << "retries are at most 12 hours apart (E8)";
  EXPECT_EQ(result.totals.devices_ever_blocked, 20U);
}

TEST(Fleet, E7_a_late_renewal_is_refused_unless_the_manager_allows_it) {
  FleetPlan plan;
  plan.devices = 5;
  plan.start = start;
  plan.end = start + 450 * one_day;
  plan.outages = {{start + one_day, start + 400 * one_day}};
  const FleetResult refused = run_pools(plan, 0, 1);
  EXPECT_GE(count(refused, EventKind::refused), 5U);
  EXPECT_EQ(count(refused, EventKind::certificate_renewed), 0U);
  plan.late_renewal = 60 * one_day;
  const FleetResult allowed = run_pools(plan, 0, 1);
  EXPECT_EQ(count(allowed, EventKind::refused), 0U);
  EXPECT_EQ(count(allowed, EventKind::certificate_renewed), 5U);
}

TEST(Fleet, P1_the_usage_of_a_broken_device_stays_until_its_authorization_ends) {
  FleetPlan plan;
  plan.devices = 200;
  plan.start = start;
  plan.end = start + 400 * one_day;
  plan.replaced_after = 100 * one_day;
  const FleetResult result = run_pools(plan, 0, 1);
  EXPECT_GT(result.totals.out_of_compliance_ms, 0U) << "a new product asks beside the old usage";
  EXPECT_GT(result.totals.product_instances, 500U);
}

TEST(Fleet, a_devices_events_are_those_of_its_pool) {
  FleetPlan plan = small_fleet();
  plan.devices = 1;
  const FleetResult result = run_pools(plan, 3, 1);
  const auto events = trace_device(plan, 3, 0);
  for (std::size_t kind = 0; kind < rules::event_kinds; ++kind) {
    EXPECT_EQ(std::ranges::count(events, static_cast<EventKind>(kind), &rules::Event::kind),
              static_cast<std::ptrdiff_t>(result.totals.events[kind]));
  }
}

TEST(FleetPlan, what_cannot_be_lived_is_refused_by_name) {
  EXPECT_TRUE(check(small_fleet()).ok());
  const auto refused = [](auto change, std::string_view word) {
    FleetPlan plan = small_fleet();
    change(plan);
    const auto verdict = check(plan);
    ASSERT_FALSE(verdict.ok()) << word;
    EXPECT_NE(verdict.error().detail.find(word), std::string::npos) << verdict.error().detail;
  };
  refused([](FleetPlan& p) { p.pools = 0; }, "pools");
  refused([](FleetPlan& p) { p.devices = 1'000'001; }, "devices");
  refused([](FleetPlan& p) { p.end = p.start; }, "end");
  refused([](FleetPlan& p) { p.step = Ms{1}; }, "step");
  refused([](FleetPlan& p) { p.retry_out_of_compliance = Ms{10}; }, "period");
  refused([](FleetPlan& p) { p.late_renewal = Ms{-1}; }, "late_renewal");
  refused([](FleetPlan& p) { p.requested = {0, 1}; }, "requested");
  refused([](FleetPlan& p) { p.purchased_permille = {-1, 1}; }, "purchases");
  refused([](FleetPlan& p) { p.enabled_after_ms = {-1, 1}; }, "times");
  refused([](FleetPlan& p) { p.outages = {{p.end, p.start}}; }, "outages");
  refused([](FleetPlan& p) { p.link_faults = {Ms{1}, Ms{1}}; }, "faults");
  refused([](FleetPlan& p) { p.replaced_after = Ms{1}; }, "life");
  refused([](FleetPlan& p) { p.traffic.curve[3] = 1001; }, "traffic");
  refused([](FleetPlan& p) { p.load = {start, Ms{0}, 3}; }, "load");
}

TEST(FleetCensus, levels_round_up_and_nothing_is_nothing_only) {
  EXPECT_EQ(level_of(0, 1000), 0U);
  EXPECT_EQ(level_of(1, 1000), 1U);
  EXPECT_EQ(level_of(5, 1000), 1U);
  EXPECT_EQ(level_of(6, 1000), 2U);
  EXPECT_EQ(level_of(995, 1000), 199U);
  EXPECT_EQ(level_of(1000, 1000), 200U);
}

}  // namespace
}  // namespace smartlic::simulation
