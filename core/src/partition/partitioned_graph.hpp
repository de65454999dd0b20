// What partition hands to compile and plan: which device runs which nodes, and why.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "graph/verdict.hpp"

namespace bp {

// A convex group of nodes given to one device.
struct Partition {
  uint32_t device = 0;           // index in the list of devices that partition was given
  std::vector<NodeId> nodes;     // topological order
  std::vector<ValueId> inputs;   // values from outside, constants not among them; binding order
  std::vector<ValueId> outputs;  // values used outside or leaving the graph; binding order
};

// Who runs a node.
enum class Placement : uint8_t {
  kDevice,  // in partitions[Decision::partition]
  kHost,    // a host value: the core computes it when shapes are settled
  kCore,    // a core node: control flow (bodies are partitioned too), or values that are no tensors
};

// Why a node runs where it runs; for explain. One per node id (holes: default).
struct Decision {
  Placement placement = Placement::kDevice;
  uint32_t partition = kNoIndex;
  std::vector<Verdict> verdicts;  // one per device that was asked, in device order
  std::string note;               // "lowered from LayerNormalization 'ln_3'", "claim broken by ...", empty
};

// One step of the plan's order: a partition, or a core node (Node::runs_in_core).
struct Item {
  bool is_core = false;
  uint32_t index = 0;  // partition index, or NodeId of the core node
  // True: dims of some output depend on data, so that a segment ends behind this item.
  bool ends_segment = false;
};

struct PartitionedGraph {
  std::shared_ptr<const Graph> graph;
  std::vector<Partition> partitions;
  std::vector<Item> items;          // topological order of partitions and core nodes
  std::vector<Decision> decisions;  // by NodeId
  // Bodies of region nodes, by NodeId of the region node, in the order of Node::regions.
  struct Region {
    NodeId node = kNoId;
    std::vector<std::shared_ptr<const PartitionedGraph>> bodies;
  };
  std::vector<Region> regions;
};

}  // namespace bp
