// The memory planner: no overlap, near the lower bound, the same answer every time.
#include "plan/arena.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bp {
namespace {

void expect_valid(const std::vector<Interval>& intervals, const ArenaPlan& plan) {
  ASSERT_EQ(plan.offsets.size(), intervals.size());
  for (size_t i = 0; i < intervals.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % intervals[i].alignment, 0u) << "interval " << i;
    EXPECT_LE(plan.offsets[i] + intervals[i].size, plan.total);
    for (size_t j = 0; j < i; ++j) {
      const bool same_time = intervals[i].first <= intervals[j].last && intervals[j].first <= intervals[i].last;
      const bool same_place = plan.offsets[i] < plan.offsets[j] + intervals[j].size &&
                              plan.offsets[j] < plan.offsets[i] + intervals[i].size;
      EXPECT_FALSE(same_time && same_place && intervals[i].size && intervals[j].size)
          << "intervals " << i << " and " << j << " share bytes";
    }
  }
}

std::vector<Interval> random_intervals(uint32_t seed, uint32_t count, uint32_t reach) {
  std::mt19937 rng(seed);
  std::vector<Interval> intervals;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t first = i;
    const uint32_t last = first + 1 + static_cast<uint32_t>(rng() % reach);
    intervals.push_back({first, last, 1 + rng() % 100000, 64});
  }
  return intervals;
}

TEST(ArenaPlanner, EmptyPlanIsEmpty) { EXPECT_EQ(plan_arena({}).total, 0u); }

TEST(ArenaPlanner, ReusesBufferAfterLastUse) {
  const std::vector<Interval> chain = {{0, 1, 100, 4}, {1, 2, 100, 4}, {2, 3, 100, 4}, {3, 4, 100, 4}};
  const ArenaPlan plan = plan_arena(chain);
  expect_valid(chain, plan);
  EXPECT_EQ(plan.total, 200u);
}

TEST(ArenaPlanner, KeepsAlignmentOfEachBlock) {
  const std::vector<Interval> blocks = {{0, 5, 3, 1}, {0, 5, 8, 64}, {0, 5, 5, 4096}, {0, 5, 0, 64}};
  expect_valid(blocks, plan_arena(blocks));
}

TEST(ArenaPlanner, RandomGraphsAreValidAndNearTheLowerBound) {
  double log_sum = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const auto intervals = random_intervals(seed, 60 + seed * 10, 2 + seed % 7);
    const ArenaPlan plan = plan_arena(intervals);
    expect_valid(intervals, plan);
    const double ratio = static_cast<double>(plan.total) / static_cast<double>(arena_lower_bound(intervals));
    EXPECT_LE(ratio, 1.2) << "seed " << seed;
    log_sum += std::log(ratio);
  }
  EXPECT_LE(std::exp(log_sum / 20), 1.06);
}

TEST(ArenaPlanner, IsDeterministic) {
  const auto intervals = random_intervals(7, 300, 9);
  EXPECT_EQ(plan_arena(intervals).offsets, plan_arena(intervals).offsets);
}

TEST(ArenaPlanner, LargeGraphsUseTheAllocatorAndStayValid) {
  const auto intervals = random_intervals(3, 4000, 4);
  const ArenaPlan plan = plan_arena(intervals);
  expect_valid(intervals, plan);
  EXPECT_LE(static_cast<double>(plan.total), 1.6 * static_cast<double>(arena_lower_bound(intervals)));
}

TEST(ArenaPlanner, LowerBoundIsTheLargestSumAlive) {
  const std::vector<Interval> blocks = {{0, 1, 10, 8}, {1, 2, 10, 8}, {3, 3, 20, 8}};
  EXPECT_EQ(arena_lower_bound(blocks), 32u);
}

}  // namespace
}  // namespace bp
