// A branch whose condition is a constant becomes the nodes of the body that would run.
#include <string>
#include <vector>

#include "graph/subgraph.hpp"
#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {

Result<size_t> inline_branches(Graph& graph, PassContext& context) {
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || node.region != RegionKind::kBranch || node.regions.size() != 2) continue;
    const auto condition = fixed_ints(graph, node.inputs[0]);
    if (!condition || condition->size() != 1) continue;
    const std::shared_ptr<Graph> body = node.regions[condition->front() != 0 ? 0 : 1];
    const std::vector<ValueId> captures(node.inputs.end() - static_cast<std::ptrdiff_t>(node.capture_count),
                                        node.inputs.end());
    const std::vector<ValueId> outputs = node.outputs;
    const std::string prefix = node.name + "/";
    context.changed(node.name);
    graph.remove_node(id);
    splice(graph, *body, captures, outputs, prefix);
    for (size_t i = 0; i < outputs.size(); ++i) {
      // The branch's own type knows only what both bodies have in common.
      if (outputs[i] == kNoId) continue;
      const ValueType& type = body->value(body->outputs()[i]).type;
      if (type.kind != ValueKind::kUnknown) graph.value(outputs[i]).type = type;
    }
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
