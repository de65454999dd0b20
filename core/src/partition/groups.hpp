// From stages to partitions: the groups in their order, each with its inputs and outputs.
#pragma once

#include <vector>

#include "graph/graph.hpp"
#include "partition/partition.hpp"
#include "partition/partitioned_graph.hpp"
#include "partition/stages.hpp"

namespace bp::partitioning {

// The nodes of one device in one stage, or one region node.
struct Group {
  uint32_t owner = 0;
  std::vector<NodeId> nodes;  // topological order
};

// In an order in which they can run. Groups that end a segment come last in their stage, so that few
// others wait for it.
std::vector<Group> make_groups(const Graph& graph, const std::vector<NodeId>& order, const Ownership& ownership,
                               const NodeFacts& facts);

bool ends_segment(const Graph& graph, const Group& group, const NodeFacts& facts);

// Inputs in the order of their first use, outputs in the order in which they are made.
Partition make_partition(const Graph& graph, const Group& group);

}  // namespace bp::partitioning
