#include "bench_report.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace bp::cli {
namespace {

std::string duration_text(double ns) {
  if (ns < 1e4) return fmt::format("{:.0f} ns", ns);
  if (ns < 1e6) return fmt::format("{:.2f} us", ns / 1e3);
  return fmt::format("{:.3f} ms", ns / 1e6);
}

std::string bytes_text(uint64_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

double BenchResult::runs_per_second() const {
  return measured_ns > 0
             ? static_cast<double>(latency.count + dropped_samples) * 1e9 / static_cast<double>(measured_ns)
             : 0.0;
}

std::string bench_text(const BenchResult& result) {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto line = [&](std::string_view name, const std::string& value) {
    fmt::format_to(out, "  {:<24} {:>14}\n", name, value);
  };
  fmt::format_to(out, "{}: {} thread(s), {} caller(s)", result.model, result.session.threads, result.callers);
  for (const std::string& device : result.session.devices) fmt::format_to(out, ", {}", device);
  fmt::format_to(out, "\nload\n");
  for (const ReportPhase& phase : result.session.phases)
    line(phase.name, duration_text(static_cast<double>(phase.duration_ns)));
  line("to a ready session", duration_text(static_cast<double>(result.load_ns)));
  line("first run", duration_text(static_cast<double>(result.first_run_ns)));

  fmt::format_to(out, "memory\n");
  line("resident before load", bytes_text(result.idle.rss_bytes));
  line("resident after load", bytes_text(result.loaded.rss_bytes));
  line("peak", bytes_text(result.final.peak_rss_bytes));
  for (const ReportArena& arena : result.session.arenas)
    fmt::format_to(out, "  {:<24} {:>14}   lower bound {}\n", "arena, " + arena.memory,
                   bytes_text(arena.size_bytes), bytes_text(arena.lower_bound_bytes));

  fmt::format_to(out, "latency of {} runs\n", result.latency.count);
  line("min", duration_text(result.latency.min_ns));
  line("mean", duration_text(result.latency.mean_ns));
  line("median", duration_text(result.latency.median_ns));
  line("p90", duration_text(result.latency.p90_ns));
  line("p95", duration_text(result.latency.p95_ns));
  line("p99", duration_text(result.latency.p99_ns));
  line("max", duration_text(result.latency.max_ns));
  fmt::format_to(out, "throughput\n");
  line("runs per second", fmt::format("{:.2f}", result.runs_per_second()));
  if (result.breakdown) text += breakdown_text(*result.breakdown);
  return text;
}

nlohmann::json bench_json(const BenchResult& result) {
  nlohmann::json phases = nlohmann::json::object(), arenas = nlohmann::json::array();
  for (const ReportPhase& phase : result.session.phases) phases[phase.name] = phase.duration_ns;
  for (const ReportArena& arena : result.session.arenas)
    arenas.push_back({{"memory", arena.memory},
                      {"size_bytes", arena.size_bytes},
                      {"lower_bound_bytes", arena.lower_bound_bytes}});
  const DurationSummary& latency = result.latency;
  nlohmann::json json = {{"model", result.model},
                         {"devices", result.session.devices},
                         {"threads", result.session.threads},
                         {"callers", result.callers},
                         {"load_ns", result.load_ns},
                         {"first_run_ns", result.first_run_ns},
                         {"phases_ns", std::move(phases)},
                         {"steps", result.session.step_count},
                         {"latency_ns",
                          {{"count", latency.count},
                           {"min", latency.min_ns},
                           {"mean", latency.mean_ns},
                           {"median", latency.median_ns},
                           {"p90", latency.p90_ns},
                           {"p95", latency.p95_ns},
                           {"p99", latency.p99_ns},
                           {"max", latency.max_ns}}},
                         {"runs_per_second", result.runs_per_second()},
                         {"idle_rss_bytes", result.idle.rss_bytes},
                         {"loaded_rss_bytes", result.loaded.rss_bytes},
                         {"peak_rss_bytes", result.final.peak_rss_bytes},
                         {"arenas", std::move(arenas)}};
  if (result.breakdown) json["breakdown"] = breakdown_json(*result.breakdown);
  return json;
}

}  // namespace bp::cli
