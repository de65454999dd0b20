// Placing repeats until every claim holds; each round takes nodes from a device, so that it ends.
#include "session/placed_graph.hpp"

#include <chrono>

#include "canonicalize/canonicalize.hpp"
#include "infer/infer.hpp"
#include "session/facts.hpp"
#include "session/graph_hooks.hpp"

namespace bp {
namespace {

using Clock = std::chrono::steady_clock;

int64_t since_ns(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

Result<PartitionedGraph> partition_once(std::shared_ptr<Graph> graph, const PlaceSettings& settings,
                                        const std::vector<RefusedNodes>& refused,
                                        std::vector<std::string>& notes) {
  std::vector<DeviceQuestions> questions;
  questions.reserve(settings.devices.size());
  for (size_t device = 0; device < settings.devices.size(); ++device)
    questions.emplace_back(settings.devices[device], kCanonicalLevel, settings.ranges, refused[device]);
  std::vector<DeviceQuery*> queries;
  for (DeviceQuestions& question : questions) queries.push_back(&question);
  PartitionHooks hooks;
  hooks.classify = [](const Graph& asked) -> Result<NodeFacts> { return node_facts(asked); };
  hooks.function_body = function_body;
  hooks.infer = infer_types;
  PartitionOptions options;
  options.by_cost = settings.by_cost;
  options.looked_for = settings.looked_for;
  auto partitioned = partition(std::move(graph), queries, hooks, options);
  for (const DeviceQuestions& question : questions)
    if (!question.failure().ok())
      notes.push_back(question.name() + " gets no node, its query failed: " + question.failure().message());
  return partitioned;
}

}  // namespace

CompileSettings compile_settings(const PlaceSettings& settings) {
  CompileSettings compile;
  compile.devices = settings.devices;
  compile.canonical_level = kCanonicalLevel;
  compile.thread_count = settings.thread_count;
  compile.threads = settings.threads;
  compile.progress = settings.progress;
  compile.ranges = settings.ranges;
  compile.constant_released = settings.constant_released;
  compile.load_saved = settings.load_saved;
  return compile;
}

Result<PlacedGraph> place_graph(const Graph& graph, const PlaceSettings& settings,
                                std::vector<RefusedNodes>& refused, std::vector<std::string>& notes) {
  refused.resize(settings.devices.size());
  PlacedGraph placed;
  std::vector<std::shared_ptr<Device>> devices;
  for (const CompileDevice& device : settings.devices) devices.push_back(device.device);
  placed.spaces = std::make_shared<const MemorySpaces>(std::move(devices));

  CompileSettings compile = compile_settings(settings);
  std::shared_ptr<const CompiledGraph> compiled;
  while (compiled == nullptr) {
    ViewAnnotator annotator;  // of this round's graphs
    compile.annotate = [&annotator](const Graph& asked, GraphViewOptions& options) {
      annotator.annotate(asked, options);
    };
    auto begin = Clock::now();
    BP_ASSIGN_OR_RETURN(PartitionedGraph partitioned,
                        partition_once(std::shared_ptr<Graph>(graph.clone()), settings, refused, notes));
    placed.partition_ns += since_ns(begin);
    begin = Clock::now();
    BrokenClaim broken;
    auto result =
        compile_graph(std::make_shared<const PartitionedGraph>(std::move(partitioned)), compile, &broken);
    placed.compile_ns += since_ns(begin);
    if (result.ok()) {
      compiled = std::move(*result);
      break;
    }
    const bool elsewhere = result.status().code() == ErrorCode::kUnsupported && !broken.nodes.empty();
    if (!elsewhere) return result.status();
    const std::string device = settings.devices[broken.device].device->label();
    notes.push_back(device + " claimed " + std::to_string(broken.nodes.size()) + " nodes from '" +
                    broken.nodes.front() + "' on and did not compile them: " + broken.status.message());
    for (const std::string& node : broken.nodes)
      refused[broken.device][node] = "claimed, but not compiled: " + broken.status.message();
  }

  const auto begin = Clock::now();
  ExecuteSettings execute;
  execute.spaces = placed.spaces;
  execute.thread_count = settings.thread_count;
  execute.memory_limit_bytes = settings.memory_limit_bytes;
  BP_ASSIGN_OR_RETURN(placed.executable, ExecutableGraph::create(std::move(compiled), execute, graph_facts));
  placed.plan_ns = since_ns(begin);
  return placed;
}

}  // namespace bp
