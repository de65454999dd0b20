#include "statistics.hpp"

#include <gtest/gtest.h>

namespace bp::cli {
namespace {

TEST(Statistics, NearestRankPercentiles) {
  std::vector<int64_t> durations;
  for (int64_t i = 100; i >= 1; --i) durations.push_back(i);
  const DurationSummary summary = summarize(durations);
  EXPECT_EQ(summary.count, 100u);
  EXPECT_EQ(summary.min_ns, 1);
  EXPECT_EQ(summary.median_ns, 50);
  EXPECT_EQ(summary.p90_ns, 90);
  EXPECT_EQ(summary.p95_ns, 95);
  EXPECT_EQ(summary.p99_ns, 99);
  EXPECT_EQ(summary.max_ns, 100);
  EXPECT_EQ(summary.mean_ns, 50.5);
}

TEST(Statistics, OneSampleIsEveryPercentile) {
  const DurationSummary summary = summarize({7});
  EXPECT_EQ(summary.median_ns, 7);
  EXPECT_EQ(summary.p99_ns, 7);
}

TEST(Statistics, NoSamplesAreZero) { EXPECT_EQ(summarize({}).count, 0u); }

}  // namespace
}  // namespace bp::cli
