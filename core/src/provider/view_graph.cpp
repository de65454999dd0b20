#include "provider/view_graph.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "backplane/provider/graph.h"

namespace bp {

std::unique_ptr<Graph> graph_of_view(const GraphView& view, bool embed_constants) {
  const Graph& source = view.graph();
  auto graph = std::make_unique<Graph>(source.shared_symbols());
  graph->name = source.name;
  graph->ir_version = source.ir_version;
  graph->opsets = source.opsets;
  const auto is_onnx = [](const OpsetImport& import) { return import.domain.empty(); };
  if (std::none_of(graph->opsets.begin(), graph->opsets.end(), is_onnx)) {
    graph->opsets.push_back({"", view.canonical_level()});  // bodies state none
  }

  std::vector<ValueId> copies(source.value_count(), kNoId);
  for (ValueId id : view.inputs()) copies[id] = graph->add_input(source.value(id).name, source.value(id).type);
  for (ValueId id : view.shown_values()) {
    if (copies[id] != kNoId) continue;
    const GraphValue& value = source.value(id);
    if (value.constant == nullptr) {
      copies[id] = graph->add_value(value.name, value.type);
    } else if (embed_constants) {
      copies[id] = graph->add_constant(value.name, value.constant);
    } else {
      copies[id] = graph->add_input(value.name, value.type);
    }
  }
  const auto copied = [&](std::vector<ValueId> ids) {
    for (ValueId& id : ids) id = id == kNoId ? kNoId : copies[id];
    return ids;
  };
  for (NodeId id : view.shown_nodes()) {
    Node node = source.node(id);
    node.inputs = copied(std::move(node.inputs));
    node.outputs = copied(std::move(node.outputs));
    graph->add_node(std::move(node));
  }
  for (ValueId id : view.outputs()) graph->add_output(copies[id]);
  return graph;
}

}  // namespace bp
