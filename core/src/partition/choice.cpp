#include "partition/choice.hpp"

#include <utility>

namespace bp::partitioning {

std::vector<uint32_t> choose_in_order(const Graph& graph, const NodeFacts& facts, const Verdicts& verdicts) {
  std::vector<uint32_t> owner(graph.node_count(), kNoOwner);
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    if (node.runs_in_core()) {
      owner[id] = kCoreOwner;
    } else if (facts.on_host[id]) {
      owner[id] = kHostOwner;
    } else {
      for (uint32_t d = 0; d < verdicts.size() && owner[id] == kNoOwner; ++d) {
        if (verdicts[d][id].supported) owner[id] = d;
      }
    }
  }
  return owner;
}

Ownership ownership_of(std::vector<uint32_t> owner, const Verdicts& verdicts) {
  Ownership result;
  result.verdict.resize(owner.size(), nullptr);
  for (size_t id = 0; id < owner.size(); ++id) {
    if (owner[id] < verdicts.size()) result.verdict[id] = &verdicts[owner[id]][id];
  }
  result.owner = std::move(owner);
  return result;
}

}  // namespace bp::partitioning
