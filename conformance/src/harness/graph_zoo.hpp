// Graphs to ask about, not to run: what real models hold and what a query has to have an answer for.
#pragma once

#include <string>
#include <vector>

#include "harness/opened.hpp"

namespace bp::conformance {

struct ZooGraph {
  std::string name;
  RawGraph graph;
  bool nobody = false;  // of operators that no provider has
};

// The probes, and: unknown operators, domains and ranks, dims known only at run time, all element types, empty
// and enormous tensors, omitted inputs, shapes that are no constants, attributes at their limits.
std::vector<ZooGraph> graph_zoo(uint32_t canonical_level, uint64_t seed);

}  // namespace bp::conformance
