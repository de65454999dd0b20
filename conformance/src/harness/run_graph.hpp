// A whole graph on the device under test and nowhere else: as one partition where the provider takes it so,
// else cut node by node with copies through host memory. Composites that it does not take whole are expanded.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/device_under_test.hpp"
#include "harness/run_piece.hpp"

namespace bp::conformance {

struct GraphRun {
  bool supported = false;          // the device ran every node that is a provider's
  std::vector<TensorPtr> outputs;  // when supported
  uint64_t nodes = 0;              // that are a provider's; expanded ones count by their parts
  uint64_t nodes_by_provider = 0;
  bool whole = false;  // as one partition
  ReasonCounts reasons;
  std::string why;  // the first reason, for people
};

// `graph`: prepared, without nodes of the core. One tensor per input. Shape arithmetic of a larger graph, which
// the core computes when shapes are settled, is not the provider's.
GraphRun run_graph(const Graph& graph, std::span<const TensorPtr> inputs, DeviceUnderTest& target);

}  // namespace bp::conformance
