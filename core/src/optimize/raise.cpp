#include "optimize/raise.hpp"

#include <algorithm>
#include <utility>

#include "graph/subgraph.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {

void raise(Graph& graph, const Match& match, Node composite, PassContext& context) {
  const NodeId root = match.nodes.back();
  const ValueId output = graph.node(root).outputs[0];
  if (composite.name.empty()) composite.name = graph.node(root).name;
  composite.outputs = {output};
  for (const NodeId id : match.nodes) {
    const Node& node = graph.node(id);
    if (node.origin.empty()) composite.origin.push_back(node.name);
    composite.origin.insert(composite.origin.end(), node.origin.begin(), node.origin.end());
  }
  composite.replaced = extract(graph, match.nodes, composite.inputs, {&output, 1});
  for (auto id = match.nodes.rbegin(); id != match.nodes.rend(); ++id) {
    const std::vector<ValueId>& outputs = graph.node(*id).outputs;
    const bool needed = *id != root && !std::all_of(outputs.begin(), outputs.end(),
                                                    [&](ValueId value) { return is_unused(graph, value); });
    if (!needed) graph.remove_node(*id);
  }
  context.changed(composite.name);
  graph.add_node(std::move(composite));
}

std::vector<int64_t> kept_axes(const Graph& graph, const Node& reduction, size_t rank) {
  const auto axes = fixed_ints(graph, input_at(reduction, 1));
  if (!axes || reduction.int_or("keepdims", 1) == 0) return {};
  std::vector<int64_t> result;
  for (const int64_t axis : *axes) result.push_back(axis < 0 ? axis + static_cast<int64_t>(rank) : axis);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace bp::optimize_passes
