// From an optimized graph to one that runs: partition, compile, plan, with broken claims placed elsewhere.
// Used for models and for constant folding.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compile/compile_graph.hpp"
#include "execute/executable_graph.hpp"
#include "session/device_questions.hpp"

namespace bp {

// What placing needs that stays the same when it is done again.
struct PlaceSettings {
  std::vector<CompileDevice> devices;  // in order of preference
  bool by_cost = false;
  uint32_t thread_count = 1;
  uint64_t memory_limit_bytes = 0;
  std::unordered_map<SymbolId, DimRange> ranges;
  ThreadPool* threads = nullptr;
  std::function<void(double, std::string_view)> progress;
  std::function<void(const Tensor&)> constant_released;
  decltype(CompileSettings::load_saved) load_saved;
  std::string looked_for;  // for the message when there is no device at all
};

struct PlacedGraph {
  std::shared_ptr<const MemorySpaces> spaces;
  std::unique_ptr<ExecutableGraph> executable;
  int64_t partition_ns = 0;
  int64_t compile_ns = 0;
  int64_t plan_ns = 0;
};

// As place_graph compiles, but for what infer knows (CompileSettings::annotate). `settings` outlives it.
CompileSettings compile_settings(const PlaceSettings& settings);

// `refused` (by device) grows by claims that break; `notes` tells each.
Result<PlacedGraph> place_graph(const Graph& graph, const PlaceSettings& settings,
                                std::vector<RefusedNodes>& refused, std::vector<std::string>& notes);

}  // namespace bp
