#include "graph/subgraph.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace bp {
namespace {

// Copies one node with its ids renamed by `map`.
template <class Map>
Node renamed(const Node& node, Map map) {
  Node copy = node;
  for (ValueId& input : copy.inputs) input = input == kNoId ? kNoId : map(input);
  for (ValueId& output : copy.outputs) output = output == kNoId ? kNoId : map(output);
  return copy;
}

// Dims keep their symbols only where both graphs speak of the same table.
ValueType type_for(const ValueType& type, bool same_symbols) {
  ValueType copy = type;
  if (!same_symbols) {
    for (Dim& dim : copy.dims) dim.symbol = 0;
    if (copy.contained != nullptr) {
      copy.contained = std::make_shared<ValueType>(type_for(*copy.contained, false));
    }
  }
  return copy;
}

std::unique_ptr<Graph> empty_like(const Graph& graph) {
  auto copy = std::make_unique<Graph>(graph.shared_symbols());
  copy->name = graph.name;
  copy->opsets = graph.opsets;
  copy->ir_version = graph.ir_version;
  return copy;
}

}  // namespace

CutGraph cut_graph(const Graph& graph, std::span<const NodeId> nodes) {
  CutGraph cut;
  cut.graph = empty_like(graph);
  cut.nodes.assign(nodes.begin(), nodes.end());

  std::unordered_map<ValueId, ValueId> made;
  std::unordered_map<ValueId, size_t> uses_inside;
  const auto map = [&](ValueId value) {
    const auto [entry, is_new] = made.emplace(value, kNoId);
    if (is_new) entry->second = cut.graph->add_value(graph.value(value).name, graph.value(value).type);
    return entry->second;
  };
  for (const NodeId id : nodes) {
    const Node& node = graph.node(id);
    for (const ValueId input : node.inputs) {
      if (input == kNoId) continue;
      ++uses_inside[input];
      if (made.contains(input)) continue;
      const GraphValue& value = graph.value(input);
      const ValueId inner = map(input);
      if (value.constant != nullptr) cut.graph->set_constant(inner, value.constant);
      if (value.constant != nullptr && !value.is_input) continue;
      cut.graph->mark_input(inner);
      cut.inputs.push_back(input);
    }
    cut.graph->add_node(renamed(node, map));
  }
  for (const NodeId id : nodes) {
    for (const ValueId output : graph.node(id).outputs) {
      if (output == kNoId) continue;
      const GraphValue& value = graph.value(output);
      const auto inside = uses_inside.find(output);
      const size_t used = inside == uses_inside.end() ? 0 : inside->second;
      if (!value.is_output && used == value.consumers.size()) continue;
      cut.graph->add_output(made.at(output));
      cut.outputs.push_back(output);
    }
  }
  return cut;
}

std::unique_ptr<Graph> extract(const Graph& graph, std::span<const NodeId> nodes,
                               std::span<const ValueId> inputs, std::span<const ValueId> outputs) {
  std::unique_ptr<Graph> copy = empty_like(graph);
  std::unordered_map<ValueId, ValueId> made;
  const auto map = [&](ValueId value) {
    const auto [entry, is_new] = made.emplace(value, kNoId);
    if (!is_new) return entry->second;
    entry->second = copy->add_value(graph.value(value).name, graph.value(value).type);
    if (graph.value(value).constant) copy->set_constant(entry->second, graph.value(value).constant);
    return entry->second;
  };
  for (const ValueId input : inputs) {
    const ValueId inner = copy->add_input(graph.value(input).name, graph.value(input).type);
    made.emplace(input, inner);
  }
  for (const NodeId id : nodes) copy->add_node(renamed(graph.node(id), map));
  for (const ValueId output : outputs) copy->add_output(map(output));
  return copy;
}

void splice(Graph& into, const Graph& from, std::span<const ValueId> inputs, std::span<const ValueId> outputs,
            std::string_view prefix) {
  const bool same_symbols = into.shared_symbols() == from.shared_symbols();
  std::vector<ValueId> made(from.value_count(), kNoId);
  for (size_t i = 0; i < inputs.size() && i < from.inputs().size(); ++i) {
    made[from.inputs()[i]] = inputs[i];
  }
  // A value that leaves twice, or that `from` only passes on, needs a copy for each further output.
  std::vector<std::pair<ValueId, ValueId>> copies;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] == kNoId) continue;
    const ValueId inner = from.outputs()[i];
    if (made[inner] == kNoId && from.value(inner).producer != kNoId) {
      made[inner] = outputs[i];
    } else {
      copies.emplace_back(inner, outputs[i]);
    }
  }
  const auto map = [&](ValueId value) {
    if (made[value] == kNoId) {
      const GraphValue& inner = from.value(value);
      made[value] = into.add_value(into.unused_value_name(inner.name), type_for(inner.type, same_symbols));
      if (inner.constant != nullptr) into.set_constant(made[value], inner.constant);
    }
    return made[value];
  };
  for (const NodeId id : from.topological_order()) {
    Node copy = renamed(from.node(id), map);
    copy.name.insert(0, prefix);
    into.add_node(std::move(copy));
  }
  for (const auto& [inner, output] : copies) {
    Node identity;
    identity.name = std::string(prefix) + into.value(output).name;
    identity.op_type = "Identity";
    identity.since_version = 21;
    identity.inputs = {map(inner)};
    identity.outputs = {output};
    into.add_node(std::move(identity));
  }
}

}  // namespace bp
