// `bench --breakdown`: the time of a model beside the sum of its steps.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "backplane/session.hpp"

namespace bp::cli {

struct StepKind {
  std::string name;  // "Conv+Relu", "reorder"
  uint32_t steps = 0;
  double ns = 0;
};

struct Breakdown {
  double model_ns = 0;            // median of runs without spans
  double steps_ns = 0;            // median of the sums of a run's steps
  std::vector<StepKind> kinds;    // the longest first
  std::vector<StepKind> slowest;  // single steps with their nodes, the longest first

  // What a run costs beyond its steps: 1 is nothing.
  double framework_share() const { return steps_ns > 0 ? model_ns / steps_ns : 0; }
};

// `model_ns`: times of runs without spans; `runs`: the spans of runs with them. INVALID_ARGUMENT when there is
// no step, or runs differ in their steps.
Result<Breakdown> break_down(std::vector<int64_t> model_ns, std::span<const std::vector<RunSpan>> runs);
// Runs `session` for a while, in turn without and with spans, which stay in memory. Each step is timed by
// itself, in the model's order, on its planned addresses.
Result<Breakdown> measure_breakdown(const Session& session, std::span<const NamedValue> inputs,
                                    int64_t duration_ns);

std::string breakdown_text(const Breakdown& breakdown);
nlohmann::json breakdown_json(const Breakdown& breakdown);

}  // namespace bp::cli
