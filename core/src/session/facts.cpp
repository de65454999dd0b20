// Adapters over classify_host_values and ShapeResolver.
#include "session/facts.hpp"

#include "infer/host_values.hpp"
#include "infer/resolve.hpp"

namespace bp {

NodeFacts node_facts(const Graph& graph) {
  HostValues values = classify_host_values(graph);
  NodeFacts facts;
  facts.known_to_host = std::move(values.is_host);
  facts.known_to_host.resize(graph.value_count(), false);
  for (const ValueId id : values.key_inputs) facts.known_to_host[id] = true;
  for (ValueId id = 0; id < values.read_back.size(); ++id)
    if (values.read_back[id]) facts.known_to_host[id] = true;
  facts.on_host = std::move(values.on_host);
  facts.data_dependent = std::move(values.data_dependent);
  facts.read_back = std::move(values.read_back);
  return facts;
}

void annotate_view(const Graph& graph, const NodeFacts& facts, GraphViewOptions& options) {
  options.host_values = facts.known_to_host;
  options.data_dependent.assign(graph.value_count(), false);
  for (NodeId id = 0; id < facts.data_dependent.size(); ++id) {
    if (!facts.data_dependent[id] || !graph.node(id).alive) continue;
    for (const ValueId output : graph.node(id).outputs)
      if (output != kNoId) options.data_dependent[output] = true;
  }
}

void ViewAnnotator::annotate(const Graph& graph, GraphViewOptions& options) {
  std::shared_ptr<const NodeFacts> facts;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const NodeFacts>& known = facts_[&graph];
    if (known == nullptr) known = std::make_shared<const NodeFacts>(node_facts(graph));
    facts = known;
  }
  annotate_view(graph, *facts, options);
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
