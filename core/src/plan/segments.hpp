// Cuts a partitioned graph into segments. A segment starts where all its shapes are known: its dims follow
// from the dims of what enters it and from the contents of a few small integers (key values). Core nodes
// stand alone, since their outputs' dims are known only after they ran.
#pragma once

#include <memory>
#include <vector>

#include "backplane/status.hpp"
#include "partition/partitioned_graph.hpp"

namespace bp {

// What infer knows, as far as the plan needs it.
struct ShapeFacts {
  std::vector<bool> data_dependent;  // by NodeId: dims of some output are known only after it ran
  std::vector<bool>
      key_value;  // by ValueId: contents of graph inputs and of values made on devices decide shapes
};

struct Segment {
  NodeId core_node = kNoId;          // a node that the core runs, alone in its segment; else kNoId
  std::vector<uint32_t> partitions;  // indices in PartitionedGraph::partitions, topological order
  std::vector<NodeId> nodes;         // nodes whose shapes are settled at its start, topological order
  std::vector<ValueId> inputs;       // values that enter; constants not among them
  std::vector<ValueId> key_values;   // those of `inputs` whose contents are part of the key
  std::vector<ValueId> outputs;      // values made here that later segments or the caller need

  bool is_core() const noexcept { return core_node != kNoId; }
};

struct ExecutionPlan {
  std::shared_ptr<const PartitionedGraph> graph;
  std::vector<Segment> segments;  // in order of running; at least one
};

// INTERNAL when the partitions do not fit the graph (a cycle, a node in no partition).
Result<ExecutionPlan> plan_segments(std::shared_ptr<const PartitionedGraph> graph, const ShapeFacts& facts);

}  // namespace bp
