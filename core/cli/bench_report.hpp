// What `bench` has measured, as text and as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "backplane/report.hpp"
#include "breakdown.hpp"
#include "process_memory.hpp"
#include "statistics.hpp"

namespace bp::cli {

struct BenchResult {
  std::string model;
  uint32_t callers = 1;
  int64_t load_ns = 0;           // providers, model and session, before any run
  int64_t first_run_ns = 0;      // with everything that waits for shapes
  int64_t measured_ns = 0;       // wall time of the timed runs
  DurationSummary latency;       // of every timed run of every caller
  uint64_t dropped_samples = 0;  // runs that counted but whose durations were not kept
  ProcessMemory idle, loaded, final;
  SessionReport session;  // after the runs
  std::optional<Breakdown> breakdown;

  double runs_per_second() const;
};

std::string bench_text(const BenchResult& result);
nlohmann::json bench_json(const BenchResult& result);

}  // namespace bp::cli
