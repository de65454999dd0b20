// From stages to partitions: the groups in their order, each with its inputs and outputs.
#pragma once

#include <vector>

#include "graph/graph.hpp"
#include "partition/partition.hpp"
#include "partition/partitioned_graph.hpp"
#include "partition/stages.hpp"

namespace bp::partitioning {

// The nodes of one device in one stage, or one core node.
struct Group {
  uint32_t owner = 0;
  std::vector<NodeId> nodes;  // topological order
};

// In an order in which they can run. Groups that end a segment come last in their stage, so that few
// others wait for it.
std::vector<Group> make_groups(const Graph& graph, const std::vector<NodeId>& order, const Ownership& ownership,
                               const NodeFacts& facts);

bool ends_segment(const Graph& graph, const Group& group, const NodeFacts& facts);

// Finds what crosses a group's border: inputs in the order of their first use, outputs in the order in which
// they are made. Takes time linear in the group, not in the graph.
class PartitionMaker {
 public:
  explicit PartitionMaker(const Graph& graph)
      : graph_(graph), inside_(graph.node_count(), 0), seen_(graph.value_count(), 0) {}
  Partition make(const Group& group);

 private:
  const Graph& graph_;
  std::vector<uint32_t> inside_;  // by NodeId: the last group (counted by calls) that held it
  std::vector<uint32_t> seen_;    // by ValueId: the last group that read it
  uint32_t calls_ = 0;
};

}  // namespace bp::partitioning
