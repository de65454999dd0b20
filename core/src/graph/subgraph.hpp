// Cutting nodes out of a graph and putting a graph's nodes into another.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.hpp"

namespace bp {

struct CutGraph {
  std::unique_ptr<Graph> graph;
  // The values of the source graph that became inputs and outputs, in order; and per node of the
  // cut graph (by id) the node of the source graph.
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<NodeId> nodes;
};

// Copies `nodes` (in topological order) of `graph` into a graph of its own. Values that they read and
// do not make become inputs, constants stay constants; values that are read elsewhere or are outputs
// of `graph` become outputs. Overridable constants become inputs that keep their default.
CutGraph cut_graph(const Graph& graph, std::span<const NodeId> nodes);

// Copies `nodes` into a graph whose inputs and outputs correspond to `inputs` and `outputs`, in order;
// inputs may be constants. Whatever else the nodes read must be a constant.
std::unique_ptr<Graph> extract(const Graph& graph, std::span<const NodeId> nodes,
                               std::span<const ValueId> inputs, std::span<const ValueId> outputs);

// Adds the nodes of `from` to `into`: inputs of `from` become `inputs`, outputs are written to the
// values `outputs`, which must have no producer. Node names get `prefix` in front.
void splice(Graph& into, const Graph& from, std::span<const ValueId> inputs, std::span<const ValueId> outputs,
            std::string_view prefix);

}  // namespace bp
