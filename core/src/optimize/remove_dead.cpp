// Removes nodes on which no output of the graph depends, and forgets constants that nobody reads
// (their bytes are then unmapped or freed by their owner).
#include <vector>

#include "optimize/pass.hpp"

namespace bp::optimize_passes {
namespace {

std::vector<bool> live_nodes(const Graph& graph) {
  std::vector<bool> live(graph.node_count(), false);
  std::vector<NodeId> open;
  const auto reach = [&](ValueId value) {
    if (value == kNoId) return;
    const NodeId producer = graph.value(value).producer;
    if (producer == kNoId || live[producer]) return;
    live[producer] = true;
    open.push_back(producer);
  };
  for (const ValueId output : graph.outputs()) reach(output);
  while (!open.empty()) {
    const NodeId node = open.back();
    open.pop_back();
    for (const ValueId input : graph.node(node).inputs) reach(input);
  }
  return live;
}

}  // namespace

Result<size_t> remove_dead(Graph& graph, PassContext& context) {
  size_t changes = 0;
  const std::vector<bool> live = live_nodes(graph);
  // Consumers first, so that no removed node's output has users left.
  for (NodeId id = static_cast<NodeId>(graph.node_count()); id-- > 0;) {
    if (live[id] || !graph.node(id).alive) continue;
    context.changed(graph.node(id).name);
    graph.remove_node(id);
    ++changes;
  }
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    GraphValue& value = graph.value(id);
    if (value.constant == nullptr || value.is_input || value.is_output || !value.consumers.empty()) {
      continue;
    }
    graph.set_constant(id, nullptr);
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
