// Concrete shapes of a graph's values for one key, and the host values that follow from it.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

struct ResolvedShapes {
  std::vector<ConcreteDims> dims;  // by ValueId; kUnknownDim where a size depends on data
  std::vector<bool> known;         // by ValueId: `dims` is meaningful and complete
  std::vector<TensorPtr> values;   // by ValueId: contents of host values and key values; else null
};

// Settles the outputs of `nodes` (topological order) from what `shapes` holds of their inputs already.
// Constants of the graph need not be entered. [any-thread]
using ResolveShapes = std::function<Status(std::span<const NodeId> nodes, ResolvedShapes& shapes)>;

}  // namespace bp
