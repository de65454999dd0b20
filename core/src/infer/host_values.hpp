// Which values the core knows by itself when shapes are settled, which inputs' contents belong to the key of a
// specialization, and where a segment ends because dims depend on data.
//
// A *host value* follows from dims and key inputs through operators that the shape evaluator knows; its nodes
// run on no device. A *key input* is a graph input of integers (rank 0 or 1) on whose contents, through such
// operators alone, a dim depends. Where a dim depends on integers that a device computes, these are *read
// back*, and a new segment starts.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.hpp"

namespace bp {

struct HostValues {
  // By ValueId.
  std::vector<bool> is_host;    // computed by the shape evaluator (constants and graph inputs are not marked)
  std::vector<bool> read_back;  // made on a device; contents decide dims of a later segment
  // By NodeId.
  std::vector<bool> on_host;         // all outputs are host values
  std::vector<bool> data_dependent;  // dims of some output are known only after the node has run
  // The first segment, counted from 0, in which the node's shapes can be settled.
  std::vector<uint32_t> segment;
  uint32_t segment_count = 1;
  // Graph inputs in the order of Graph::inputs(). A key input is not needed on a device unless a device node
  // reads it.
  std::vector<ValueId> key_inputs;
};

// Of an inferred graph. Bodies are graphs of their own and are classified by a call each: their inputs count as
// graph inputs.
HostValues classify_host_values(const Graph& graph);

}  // namespace bp
