// Nodes that no order can hold: the walk along producers from any of them runs into a cycle.
#include <fmt/format.h>

#include <algorithm>

#include "check/rules.hpp"

namespace bp {
namespace {

constexpr size_t kMaxNamed = 10;

// A producer of `node` that is itself not ordered. Every unordered node has one.
NodeId unordered_producer(const Graph& graph, const std::vector<bool>& ordered, const Node& node) {
  for (const ValueId input : node.inputs) {
    const NodeId producer = input == kNoId ? kNoId : graph.value(input).producer;
    if (producer != kNoId && !ordered[producer]) return producer;
  }
  return kNoId;
}

std::string describe(const Graph& graph, const std::vector<NodeId>& cycle) {
  std::string text;
  for (size_t i = 0; i < cycle.size() && i < kMaxNamed; ++i) text += graph.node(cycle[i]).label() + " -> ";
  if (cycle.size() > kMaxNamed) text += fmt::format("... {} more -> ", cycle.size() - kMaxNamed);
  return text + graph.node(cycle[0]).label();
}

}  // namespace

void check_cycles(const Graph& graph, Problems& problems) {
  const std::vector<NodeId> order = graph.topological_order();
  if (order.size() == graph.alive_count()) return;
  std::vector<bool> ordered(graph.node_count(), false);
  for (const NodeId id : order) ordered[id] = true;
  NodeId at = 0;
  while (ordered[at] || !graph.node(at).alive) ++at;

  std::vector<NodeId> path;
  std::vector<bool> visited(graph.node_count(), false);
  while (at != kNoId && !visited[at]) {
    visited[at] = true;
    path.push_back(at);
    at = unordered_producer(graph, ordered, graph.node(at));
  }
  // The walk went from consumers to producers; the cycle is what follows the first visit of `at`.
  std::vector<NodeId> cycle(std::find(path.begin(), path.end(), at), path.end());
  std::reverse(cycle.begin(), cycle.end());
  if (!cycle.empty()) problems.add("nodes form a cycle: " + describe(graph, cycle));
}

}  // namespace bp
