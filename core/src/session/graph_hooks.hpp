// What optimize and partition need of other phases, as functions.
#pragma once

#include <memory>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// The outputs of a node whose operands are constants (for Shape and Size: have static dims), by the shape
// evaluator; no tensors where it does not take the node.
Result<std::vector<TensorPtr>> evaluate_constant_node(const Graph& graph, NodeId id);

// The parts of a composite, canonical and inferred: a body of ours, else the standard's function; nullptr where
// there is none.
Result<std::shared_ptr<const Graph>> function_body(const Graph& graph, NodeId id);

}  // namespace bp
