#include "partition/lowering.hpp"

#include <memory>
#include <utility>

#include "graph/subgraph.hpp"
#include "partition/questions.hpp"

namespace bp::partitioning {
namespace {

Result<std::shared_ptr<const Graph>> parts_of(const Graph& graph, NodeId id, const PartitionHooks& hooks) {
  const Node& node = graph.node(id);
  if (node.replaced != nullptr) return node.replaced;
  if (!hooks.function_body) return std::shared_ptr<const Graph>();
  return hooks.function_body(graph, id);
}

// Optional inputs and outputs at the end that the node leaves out.
std::vector<ValueId> padded(std::vector<ValueId> ids, size_t count) {
  ids.resize(count, kNoId);
  return ids;
}

void lower(Graph& graph, NodeId id, const Graph& parts, const std::string& note, LoweringNotes& notes) {
  const std::vector<ValueId> inputs = padded(graph.node(id).inputs, parts.inputs().size());
  const std::vector<ValueId> outputs = padded(graph.node(id).outputs, parts.outputs().size());
  const std::string prefix = graph.node(id).replaced ? "" : graph.node(id).name + "/";
  const std::vector<std::string> origin = graph.node(id).origin;
  const auto first = static_cast<NodeId>(graph.node_count());
  graph.remove_node(id);
  splice(graph, parts, inputs, outputs, prefix);
  for (NodeId added = first; added < graph.node_count(); ++added) {
    if (graph.node(added).origin.empty()) graph.node(added).origin = origin;
    notes[added] = note;
  }
}

std::string note_for(const Graph& graph, NodeId id, const Verdicts& verdicts,
                     std::span<DeviceQuery* const> devices) {
  std::vector<Verdict> own;
  for (const auto& of_device : verdicts) own.push_back(of_device[id]);
  const std::string reasons = reasons_text(own, devices);
  return "lowered from " + graph.node(id).label() + (reasons.empty() ? "" : " (" + reasons + ")");
}

}  // namespace

Result<size_t> lower_composites(Graph& graph, const NodeFacts& facts, const Verdicts& verdicts,
                                std::span<DeviceQuery* const> devices, const PartitionHooks& hooks,
                                LoweringNotes& notes) {
  size_t lowered = 0;
  const auto count = static_cast<NodeId>(graph.node_count());  // new nodes are asked about first
  for (NodeId id = 0; id < count; ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || node.runs_in_core() || facts.on_host[id]) continue;
    size_t whole = 0;
    while (whole < devices.size() && !verdicts[whole][id].supported) ++whole;
    if (whole == 0) continue;
    BP_ASSIGN_OR_RETURN(const std::shared_ptr<const Graph> parts, parts_of(graph, id, hooks));
    if (parts == nullptr) continue;
    bool wanted = whole == devices.size();
    if (!wanted) {
      BP_ASSIGN_OR_RETURN(const NodeFacts inner, hooks.classify(*parts));
      for (size_t d = 0; d < whole && !wanted; ++d) wanted = takes_all(*devices[d], *parts, inner);
    }
    if (!wanted) continue;
    lower(graph, id, *parts, note_for(graph, id, verdicts, devices), notes);
    ++lowered;
  }
  return lowered;
}

}  // namespace bp::partitioning
