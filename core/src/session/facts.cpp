// Adapters over classify_host_values and ShapeResolver.
#include "session/facts.hpp"

#include "infer/host_values.hpp"
#include "infer/resolve.hpp"

namespace bp {

NodeFacts node_facts(const Graph& graph) {
  HostValues values = classify_host_values(graph);
  return {std::move(values.on_host), std::move(values.data_dependent), std::move(values.read_back)};
}

void annotate_view(const Graph& graph, GraphViewOptions& options) {
  const HostValues values = classify_host_values(graph);
  options.host_values = values.is_host;
  options.host_values.resize(graph.value_count(), false);
  for (const ValueId id : values.key_inputs) options.host_values[id] = true;
  for (ValueId id = 0; id < values.read_back.size(); ++id)
    if (values.read_back[id]) options.host_values[id] = true;
  options.data_dependent.assign(graph.value_count(), false);
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).alive || id >= values.data_dependent.size() || !values.data_dependent[id]) continue;
    for (const ValueId output : graph.node(id).outputs)
      if (output != kNoId) options.data_dependent[output] = true;
  }
}

Result<GraphFacts> graph_facts(const std::shared_ptr<const Graph>& graph) {
  BP_ASSIGN_OR_RETURN(ShapeResolver made, ShapeResolver::create(*graph));
  const auto resolver = std::make_shared<const ShapeResolver>(std::move(made));
  const HostValues& values = resolver->host_values();
  GraphFacts facts;
  facts.shapes.data_dependent = values.data_dependent;
  facts.shapes.key_value = values.read_back;
  facts.shapes.key_value.resize(graph->value_count(), false);
  for (const ValueId id : values.key_inputs) facts.shapes.key_value[id] = true;
  facts.settle = [graph, resolver](const ShapeQuestion& question) -> Result<SettledShapes> {
    std::vector<ShapeFact> known;
    for (const KnownShape& shape : question.known) known.push_back({shape.value, shape.dims, shape.contents});
    BP_ASSIGN_OR_RETURN(ResolvedShapes resolved,
                        resolver->resolve(question.input_dims, question.input_contents, known));
    return SettledShapes{std::move(resolved.dims), std::move(resolved.known), std::move(resolved.host_values)};
  };
  return facts;
}

}  // namespace bp
