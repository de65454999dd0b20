#include "breakdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "bound_run.hpp"
#include "statistics.hpp"

namespace bp::cli {
namespace {

constexpr size_t kSlowest = 10;
constexpr size_t kMostRuns = 2000;  // whose spans are kept

// "conv_1, relu_1: Conv+Relu" -> "Conv+Relu"
std::string kind_of(const std::string& step) {
  const size_t colon = step.rfind(": ");
  return colon == std::string::npos ? step : step.substr(colon + 2);
}

std::vector<RunSpan> steps_of(const std::vector<RunSpan>& spans) {
  std::vector<RunSpan> steps;
  std::copy_if(spans.begin(), spans.end(), std::back_inserter(steps),
               [](const RunSpan& span) { return span.is_step; });
  return steps;
}

void sort_by_time(std::vector<StepKind>& kinds) {
  std::stable_sort(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) { return a.ns > b.ns; });
}

nlohmann::json json_of(const std::vector<StepKind>& kinds) {
  nlohmann::json list = nlohmann::json::array();
  for (const StepKind& kind : kinds)
    list.push_back({{"name", kind.name}, {"steps", kind.steps}, {"ns", kind.ns}});
  return list;
}

}  // namespace

Result<Breakdown> break_down(std::vector<int64_t> model_ns, std::span<const std::vector<RunSpan>> runs) {
  std::vector<RunSpan> first;
  std::vector<std::vector<int64_t>> times;
  std::vector<int64_t> sums;
  for (const auto& run : runs) {
    const std::vector<RunSpan> steps = steps_of(run);
    if (times.empty()) {
      first = steps;
      times.resize(steps.size());
    }
    if (steps.size() != first.size())
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("breakdown: a run had {} steps, another {}", first.size(), steps.size()));
    int64_t sum = 0;
    for (size_t i = 0; i < steps.size(); ++i) {
      times[i].push_back(static_cast<int64_t>(steps[i].end_ns - steps[i].begin_ns));
      sum += times[i].back();
    }
    sums.push_back(sum);
  }
  if (times.empty())
    return Status(ErrorCode::kInvalidArgument, "breakdown: no provider reports the steps of its programs");
  Breakdown breakdown;
  breakdown.model_ns = summarize(std::move(model_ns)).median_ns;
  // Of whole runs on both sides: what interrupts a run now and then interrupts both alike.
  breakdown.steps_ns = summarize(std::move(sums)).median_ns;
  std::map<std::string, StepKind> kinds;
  for (size_t i = 0; i < first.size(); ++i) {
    const double ns = summarize(std::move(times[i])).median_ns;
    breakdown.slowest.push_back({first[i].name, 1, ns});
    StepKind& kind = kinds[kind_of(first[i].name)];
    ++kind.steps;
    kind.ns += ns;
  }
  for (auto& [name, kind] : kinds) {
    kind.name = name;
    breakdown.kinds.push_back(kind);
  }
  sort_by_time(breakdown.kinds);
  sort_by_time(breakdown.slowest);
  if (breakdown.slowest.size() > kSlowest) breakdown.slowest.resize(kSlowest);
  return breakdown;
}

Result<Breakdown> measure_breakdown(const Session& session, std::span<const NamedValue> inputs,
                                    int64_t duration_ns) {
  using Clock = std::chrono::steady_clock;
  BP_ASSIGN_OR_RETURN(BoundRun bound, BoundRun::create(session, inputs));
  std::vector<int64_t> model_ns;
  std::vector<std::vector<RunSpan>> runs;
  const auto end = Clock::now() + std::chrono::nanoseconds(duration_ns);
  do {
    BP_ASSIGN_OR_RETURN(const int64_t once, bound.time_once());
    model_ns.push_back(once);
    RunOptions options;
    options.spans = &runs.emplace_back();
    BP_RETURN_IF_ERROR(bound.time_once(options).status());
  } while (Clock::now() < end && runs.size() < kMostRuns);
  return break_down(std::move(model_ns), runs);
}

std::string breakdown_text(const Breakdown& breakdown) {
  std::string text = "steps, by kind\n";
  const auto out = std::back_inserter(text);
  for (const StepKind& kind : breakdown.kinds)
    fmt::format_to(out, "  {:<44} {:>5} x {:>11.4f} ms {:>6.1f} %\n", kind.name, kind.steps, kind.ns / 1e6,
                   100 * kind.ns / breakdown.steps_ns);
  text += "the slowest steps\n";
  for (const StepKind& step : breakdown.slowest)
    fmt::format_to(out, "  {:>11.4f} ms  {}\n", step.ns / 1e6, step.name);
  fmt::format_to(out, "model {:.4f} ms, sum of its steps {:.4f} ms: framework share {:.3f}\n",
                 breakdown.model_ns / 1e6, breakdown.steps_ns / 1e6, breakdown.framework_share());
  return text;
}

nlohmann::json breakdown_json(const Breakdown& breakdown) {
  return {{"model_ns", breakdown.model_ns},
          {"steps_ns", breakdown.steps_ns},
          {"framework_share", breakdown.framework_share()},
          {"kinds", json_of(breakdown.kinds)},
          {"slowest", json_of(breakdown.slowest)}};
}

}  // namespace bp::cli
