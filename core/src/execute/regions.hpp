// Control flow run by the core: it moves values and calls bodies, and does no arithmetic.
#pragma once

#include <span>
#include <vector>

#include "execute/runtime_value.hpp"
#include "graph/graph.hpp"

namespace bp {

class ExecutableGraph;

struct RegionCall {
  const Node& node;
  std::span<const RuntimeValue> inputs;  // as Node::inputs, captures included
  std::span<OutputSlot> outputs;         // as Node::outputs
  const MemorySpaces& spaces;
  const RunEnvironment& environment;
  std::vector<const ExecutableGraph*> bodies;
};

// Runs a branch, loop or scan node (Node::region). Results are in fresh memory.
Status run_region_node(RegionCall& call);

}  // namespace bp
