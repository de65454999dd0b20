// The compile phase: each partition becomes a program, in parallel, bodies of control flow included.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backplane/status.hpp"
#include "base/thread_pool.hpp"
#include "compile/compiled_graph.hpp"
#include "provider/graph_view.hpp"

namespace bp {

struct CompileDevice {
  std::shared_ptr<Device> device;
  OptionSet options;
};

struct CompileSettings {
  std::span<const CompileDevice> devices;  // as partition was given them
  int32_t canonical_level = 0;             // the core's
  uint32_t thread_count = 1;               // of runs
  ThreadPool* threads = nullptr;
  const CancelToken* cancel = nullptr;
  std::function<void(double fraction, std::string_view what)> progress;
  std::unordered_map<SymbolId, DimRange> ranges;
  // What infer knows of a graph's values (GraphViewOptions::host_values and data_dependent).
  std::function<void(const Graph& graph, GraphViewOptions& options)> annotate;
  std::function<void(const Tensor&)> constant_released;
  // Looks a partition up among saved programs: null when it must be compiled; *note says why, or where from.
  // Empty: compile everything.
  std::function<Result<std::shared_ptr<Program>>(Device& device, const GraphView& view,
                                                 const CompileOptions& options, std::string* note)>
      load_saved;
};

// The view that a partition is compiled from.
Result<std::unique_ptr<GraphView>> view_of_partition(const PartitionedGraph& graph, uint32_t partition,
                                                     const CompileSettings& settings);

// A partition whose device would not compile it although it had claimed every node.
struct BrokenClaim {
  uint32_t device = 0;
  std::vector<std::string> nodes;  // names
  Status status;
};

// On a broken claim *broken is filled, so that the caller may place the nodes elsewhere.
Result<std::shared_ptr<const CompiledGraph>> compile_graph(std::shared_ptr<const PartitionedGraph> graph,
                                                           const CompileSettings& settings,
                                                           BrokenClaim* broken);

}  // namespace bp
