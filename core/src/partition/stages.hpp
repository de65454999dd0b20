// Cuts the nodes of a graph into convex groups, in linear time.
//
// Every node gets a stage such that an edge between nodes of one device may stay within a stage and
// every other edge leads to a later one. The nodes of one device in one stage are a group. An edge
// between two groups always leads to a later stage, so no group depends on itself through others.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.hpp"
#include "graph/verdict.hpp"
#include "partition/partition.hpp"

namespace bp::partitioning {

inline constexpr uint32_t kHostOwner = 0xFFFFFFFEu;  // computed by the core before its segment runs
inline constexpr uint32_t kCoreOwner = 0xFFFFFFFDu;

struct Ownership {
  std::vector<uint32_t> owner;  // by NodeId: device index, kHostOwner or kCoreOwner
  // By NodeId: how its device wants the inputs (empty: all on the device). A value that is wanted on
  // the host must come from an earlier stage, even from the same device.
  std::vector<const Verdict*> verdict;
};

// By NodeId; `order` is the graph's topological order. Host nodes have the stage at which their
// values can be known.
std::vector<uint32_t> assign_stages(const Graph& graph, const std::vector<NodeId>& order,
                                    const Ownership& ownership, const NodeFacts& facts);

}  // namespace bp::partitioning
