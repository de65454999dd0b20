// A compiled graph ready to run: its plan, the cache of settled segments, the bodies of its control flow. The
// loop over segments is here; what happens inside a segment is RunState's. Shared by all callers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "compile/compiled_graph.hpp"
#include "execute/output_memory.hpp"
#include "execute/runtime_value.hpp"
#include "execute/segment_cache.hpp"
#include "plan/segments.hpp"

namespace bp {

struct ExecuteSettings {
  std::shared_ptr<const MemorySpaces> spaces;
  uint32_t thread_count = 1;
  uint64_t memory_limit_bytes = 0;            // 0: none
  uint64_t cache_bytes = uint64_t{64} << 20;  // for settled keys of one segment, roughly
};

// What session gets from infer, per graph.
struct GraphFacts {
  ShapeFacts shapes;
  SettleShapes settle;
};
using FactsOf = std::function<Result<GraphFacts>(const std::shared_ptr<const Graph>& graph)>;

class ExecutableGraph {
 public:
  static Result<std::unique_ptr<ExecutableGraph>> create(std::shared_ptr<const CompiledGraph> compiled,
                                                         const ExecuteSettings& settings,
                                                         const FactsOf& facts_of);

  // Runs everything. `inputs` as Graph::inputs() (not present: the initializer), `outputs` as Graph::outputs();
  // complete on return. A device that refuses the shapes is
  // UNSUPPORTED, and RunEnvironment::refusal tells which. [any-thread]
  Status run(std::span<const RuntimeValue> inputs, std::span<OutputSlot> outputs,
             const RunEnvironment& environment) const;

  // Settles the first segment for these inputs without running, so that the first run is as quick as the next.
  Status prepare(std::span<const RuntimeValue> inputs, const RunEnvironment& environment) const;

  const Graph& graph() const noexcept { return *compiled_->graph->graph; }
  const CompiledGraph& compiled() const noexcept { return *compiled_; }
  const ExecutionPlan& plan() const noexcept { return plan_; }
  const MemorySpaces& spaces() const noexcept { return *settings_.spaces; }

  // For bound runs: the settled instance when the graph is one segment and all outputs have known dims; else
  // null.
  Result<std::shared_ptr<const SegmentInstance>> settle_whole(std::span<const RuntimeValue> inputs,
                                                              std::span<const OutputSlot> outputs,
                                                              const RunEnvironment& environment) const;
  // The values of `inputs` (as Graph::inputs()) that enter segment 0, in its order.
  Result<std::vector<RuntimeValue>> segment_inputs(std::span<const RuntimeValue> inputs) const;

  // For reports: the settled instances used last, one per segment, bodies not included; and the bodies.
  std::vector<std::shared_ptr<const SegmentInstance>> latest_instances() const;
  uint64_t settled_count() const;
  struct Region {
    NodeId node = kNoId;
    std::vector<std::unique_ptr<ExecutableGraph>> bodies;
  };
  const std::vector<Region>& regions() const noexcept { return regions_; }

 private:
  struct Values;  // what one run knows of every value, by ValueId
  ExecutableGraph() = default;

  Status enter(std::span<const RuntimeValue> inputs, Values& values) const;
  Result<std::shared_ptr<const SegmentInstance>> settle(uint32_t segment, const Values& values,
                                                        std::span<const uint32_t> output_spaces,
                                                        const RunEnvironment& environment) const;
  // Where the outputs that a segment settles are wanted.
  std::vector<uint32_t> output_spaces(uint32_t segment, std::span<const OutputSlot> outputs) const;
  ShapeQuestion ask(const Values& values) const;
  void tell_contents(ValueId id, const TensorPtr& contents, ShapeQuestion& question) const;
  Status run_segment(uint32_t segment, Values& values, std::span<OutputSlot> outputs,
                     const RunEnvironment& environment) const;
  Status run_core_node(NodeId core_node, Values& values, std::span<OutputSlot> outputs,
                       const RunEnvironment& environment) const;
  Status run_bodies(NodeId id, std::span<const RuntimeValue> inputs, std::span<OutputSlot> results,
                    const RunEnvironment& environment) const;
  Status deliver(const RuntimeValue& value, OutputSlot& slot, const std::string& name) const;

  std::shared_ptr<const CompiledGraph> compiled_;
  ExecuteSettings settings_;
  ExecutionPlan plan_;
  std::vector<SegmentContext> contexts_;                       // by segment
  mutable std::vector<std::unique_ptr<SegmentCache>> caches_;  // by segment
  std::shared_ptr<OutputMemory> output_memory_ = std::make_shared<OutputMemory>();
  std::vector<Region> regions_;
};

}  // namespace bp
