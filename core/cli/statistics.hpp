// Summary of measured durations.
#pragma once

#include <cstdint>
#include <vector>

namespace bp::cli {

struct DurationSummary {
  uint64_t count = 0;
  double min_ns = 0, mean_ns = 0, median_ns = 0, p90_ns = 0, p95_ns = 0, p99_ns = 0, max_ns = 0;
};

// Percentiles are nearest-rank: the smallest sample that at least that share of all samples does not exceed.
DurationSummary summarize(std::vector<int64_t> durations_ns);

}  // namespace bp::cli
