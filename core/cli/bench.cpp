// `backplane bench`: loads a model, warms up, runs it for a while from one or more callers and sums up.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bench_report.hpp"
#include "bench_serve.hpp"
#include "bound_run.hpp"
#include "commands.hpp"
#include "inputs.hpp"
#include "session_flags.hpp"

namespace bp::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Per caller; a run of half a microsecond would otherwise fill the memory that is being measured.
constexpr size_t kMostSamples = 1'000'000;

struct BenchFlags {
  std::string model;
  SessionFlags session;
  InputFlags inputs;
  uint32_t warmup_ms = 200;
  uint32_t duration_ms = 2000;
  uint32_t callers = 1;
  std::string on_device;
  std::string json;
  bool serve = false;
  bool breakdown = false;
  std::vector<std::string> feeds;
};

int64_t ns_since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

struct CallerResult {
  Status status;
  std::vector<int64_t> durations_ns;
  uint64_t dropped = 0;
  int64_t first_run_ns = 0;
  Clock::time_point begin, end;  // of the timed runs
};

// One caller: warms up on its own binding, waits until all are warm, then runs until its time is over.
void call(const Session& session, std::span<const NamedValue> inputs, const BenchFlags& flags,
          std::atomic<uint32_t>& waiting_for, CallerResult& result) {
  auto bound = BoundRun::create(session, inputs, flags.on_device);
  result.status = bound.status();
  if (bound.ok()) {
    result.first_run_ns = bound->first_run_ns();
    const auto begin = Clock::now();
    while (result.status.ok() && ns_since(begin) < int64_t{flags.warmup_ms} * 1'000'000)
      result.status = bound->time_once().status();
  }
  // A caller that failed counts too, or the others would wait for ever.
  waiting_for.fetch_sub(1);
  while (waiting_for.load() != 0) std::this_thread::yield();
  result.begin = Clock::now();
  while (result.status.ok() && ns_since(result.begin) < int64_t{flags.duration_ms} * 1'000'000) {
    auto duration = bound->time_once();
    result.status = duration.status();
    if (result.durations_ns.size() < kMostSamples)
      result.durations_ns.push_back(duration.ok() ? *duration : 0);
    else
      ++result.dropped;
  }
  result.end = Clock::now();
}

Status measure(const Session& session, std::span<const NamedValue> inputs, const BenchFlags& flags,
               BenchResult& result) {
  std::vector<CallerResult> results(flags.callers);
  std::atomic<uint32_t> waiting_for = flags.callers;
  {
    std::vector<std::jthread> others;
    for (uint32_t i = 1; i < flags.callers; ++i)
      others.emplace_back([&, i] { call(session, inputs, flags, waiting_for, results[i]); });
    call(session, inputs, flags, waiting_for, results[0]);
  }
  auto begin = results[0].begin, end = results[0].end;
  std::vector<int64_t> durations;
  for (CallerResult& caller : results) {
    BP_RETURN_IF_ERROR(caller.status);
    begin = std::min(begin, caller.begin);
    end = std::max(end, caller.end);
    durations.insert(durations.end(), caller.durations_ns.begin(), caller.durations_ns.end());
    result.dropped_samples += caller.dropped;
  }
  result.first_run_ns = results[0].first_run_ns;
  result.measured_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count();
  result.final = process_memory();
  result.latency = summarize(std::move(durations));
  return {};
}

Status write_json(const nlohmann::json& json, const std::string& path) {
  if (path == "-") {
    fmt::print("{}\n", json.dump(1));
    return {};
  }
  std::ofstream file(path);
  file << json.dump(1) << '\n';
  file.close();
  if (!file) return {ErrorCode::kIo, path + ": cannot be written"};
  return {};
}

Status bench(const BenchFlags& flags) {
  BenchResult result;
  result.model = flags.model;
  result.callers = flags.callers;
  result.idle = process_memory();
  const auto begin = Clock::now();
  BP_ASSIGN_OR_RETURN(SessionOptions options, flags.session.create());
  BP_ASSIGN_OR_RETURN(const Environment environment, flags.session.environment.create());
  BP_ASSIGN_OR_RETURN(const Session session, Session::create(environment, flags.model, options));
  result.load_ns = ns_since(begin);
  result.loaded = process_memory();

  NamedDims dims;
  for (const auto& [name, range] : options.shape_ranges) dims[name] = range.opt_dims;
  BP_ASSIGN_OR_RETURN(const std::vector<NamedValue> inputs,
                      flags.inputs.create(session.inputs(), dims, options.fixed_dims));
  if (flags.serve)
    return serve(session, {inputs, flags.feeds, flags.on_device}, result.load_ns, result.idle, std::cin,
                 std::cout);

  BP_RETURN_IF_ERROR(measure(session, inputs, flags, result));
  if (flags.breakdown) {
    BP_ASSIGN_OR_RETURN(result.breakdown,
                        measure_breakdown(session, inputs, int64_t{flags.duration_ms} * 1'000'000));
  }
  result.session = session.report();
  if (!flags.session.profile.empty()) BP_RETURN_IF_ERROR(session.write_profile());
  if (flags.json != "-") fmt::print("{}", bench_text(result));
  if (!flags.json.empty()) return write_json(bench_json(result), flags.json);
  return {};
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<BenchFlags>();
  flags->inputs.random = true;  // what is fed hardly changes how long it takes
  CLI::App* command = app.add_subcommand("bench", "Measure loading, latency, throughput and memory");
  command->add_option("model", flags->model, "ONNX file")->required();
  flags->session.add(*command);
  flags->inputs.add(*command);
  command->add_option("--warmup-ms", flags->warmup_ms, "Runs before the timed ones")->capture_default_str();
  command->add_option("--duration-ms", flags->duration_ms, "Timed runs")->capture_default_str();
  command->add_option("--callers", flags->callers, "Threads that run the session at the same time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  CLI::Option* on_device =
      command->add_option("--on-device", flags->on_device, kOnDeviceText)->type_name("DEVICE");
  command->add_option("--json", flags->json, "Write the figures; '-': to the output, instead of text")
      ->type_name("FILE");
  command->add_flag(
      "--breakdown", flags->breakdown,
      "Then time each step by itself, in the model's order: a table by kind, and the framework's share");
  CLI::Option* serves = command->add_flag(
      "--serve", flags->serve,
      "Load, then run on command from the input: 'run N', 'rss', 'quit', a line of JSON for each");
  command->add_option("--feed", flags->feeds, "Give an output to an input of the next run; repeatable")
      ->type_name("OUTPUT=INPUT")
      ->needs(serves)
      ->excludes(on_device);
  command->callback([flags, &exit_code] {
    const Status status = bench(*flags);
    exit_code = status.ok() ? kExitOk : report_error(status);
  });
}

}  // namespace bp::cli
