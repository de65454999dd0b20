// Single assignment, unique names, and no use without a definition.
#include <fmt/format.h>

#include <unordered_set>

#include "check/rules.hpp"

namespace bp {
namespace {

bool ids_in_range(const Graph& graph, Problems& problems) {
  bool good = true;
  const auto test = [&](ValueId id, const auto& place) {
    if (id == kNoId || id < graph.value_count()) return;
    good = false;
    problems.add(fmt::format("{} is value {}, but there are {} values", place(), id, graph.value_count()));
  };
  for (NodeId n = 0; n < graph.node_count(); ++n) {
    const Node& node = graph.node(n);
    if (!node.alive) continue;
    for (const ValueId id : node.inputs) test(id, [&] { return node.label() + ": an input"; });
    for (const ValueId id : node.outputs) test(id, [&] { return node.label() + ": an output"; });
  }
  return good;
}

void check_names(const Graph& graph, Problems& problems) {
  std::unordered_set<std::string_view> names;
  names.reserve(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const std::string& name = graph.value(id).name;
    if (name.empty()) problems.add(fmt::format("value {} has no name", id));
    if (!names.insert(name).second) problems.add(fmt::format("two values are named '{}'", name));
  }
}

void check_definitions(const Graph& graph, Problems& problems) {
  std::vector<NodeId> producers(graph.value_count(), kNoId);
  for (NodeId n = 0; n < graph.node_count(); ++n) {
    const Node& node = graph.node(n);
    for (size_t i = 0; node.alive && i < node.outputs.size(); ++i) {
      const ValueId id = node.outputs[i];
      if (id == kNoId) continue;
      const GraphValue& value = graph.value(id);
      const auto clash = [&](const std::string& other) {
        problems.add(
            fmt::format("{}: output {} '{}' is already defined by {}", node.label(), i, value.name, other));
      };
      if (value.is_input) {
        clash("a graph input");
      } else if (value.constant) {
        clash("an initializer");
      } else if (producers[id] != kNoId) {
        clash(graph.node(producers[id]).label());
      }
      producers[id] = n;
    }
  }
  const auto defined = [&](ValueId id) {
    const GraphValue& value = graph.value(id);
    return value.is_input || value.constant || producers[id] != kNoId;
  };
  for (NodeId n = 0; n < graph.node_count(); ++n) {
    const Node& node = graph.node(n);
    for (size_t i = 0; node.alive && i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoId || defined(node.inputs[i])) continue;
      problems.add(fmt::format("{}: input {} '{}' is defined nowhere", node.label(), i,
                               graph.value(node.inputs[i]).name));
    }
  }
  for (const ValueId id : graph.outputs()) {
    if (!defined(id)) problems.add(fmt::format("graph output '{}' is defined nowhere", graph.value(id).name));
  }
}

}  // namespace

bool check_structure(const Graph& graph, Problems& problems) {
  if (!ids_in_range(graph, problems)) return false;
  check_names(graph, problems);
  check_definitions(graph, problems);
  return true;
}

}  // namespace bp
