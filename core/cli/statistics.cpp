#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bp::cli {

DurationSummary summarize(std::vector<int64_t> durations_ns) {
  DurationSummary summary;
  summary.count = durations_ns.size();
  if (durations_ns.empty()) return summary;
  std::sort(durations_ns.begin(), durations_ns.end());
  const auto count = static_cast<double>(durations_ns.size());
  const auto at = [&](double share) {
    const auto rank = static_cast<size_t>(std::ceil(share * count));
    return static_cast<double>(durations_ns[std::max<size_t>(rank, 1) - 1]);
  };
  summary.min_ns = static_cast<double>(durations_ns.front());
  summary.max_ns = static_cast<double>(durations_ns.back());
  summary.mean_ns = std::accumulate(durations_ns.begin(), durations_ns.end(), 0.0) / count;
  summary.median_ns = at(0.50);
  summary.p90_ns = at(0.90);
  summary.p95_ns = at(0.95);
  summary.p99_ns = at(0.99);
  return summary;
}

}  // namespace bp::cli
