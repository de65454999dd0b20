// Common sub-expressions: of nodes that do the same to the same values, the first stays. Equal small
// constants become one first, so that nodes that differ only in which copy they read are found.
// Left alone: nodes that draw random numbers and nodes with bodies.
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "optimize/fingerprint.hpp"
#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

// Larger constants are not compared: hashing them would read the whole model file.
constexpr size_t kMaxSharedBytes = 1024;

size_t share_constants(Graph& graph) {
  std::unordered_map<std::string, ValueId> first;
  size_t changes = 0;
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    if (!is_fixed(graph, id) || value.is_output || value.consumers.empty()) continue;
    const Tensor& tensor = *value.constant;
    if (tensor.bytes.size() + tensor.string_bytes.size() > kMaxSharedBytes) continue;
    std::string key;
    append_tensor(key, tensor);
    const auto [entry, is_new] = first.emplace(std::move(key), id);
    if (is_new) continue;
    graph.replace_uses(id, entry->second);
    graph.set_constant(id, nullptr);
    ++changes;
  }
  return changes;
}

bool may_share(const Node& node) {
  return node.region == RegionKind::kNone && !is_random(node) && !node.outputs.empty();
}

std::string key_of(const Node& node) {
  std::string key;
  append_text(key, node.domain);
  append_text(key, node.op_type);
  append_number(key, static_cast<uint64_t>(node.since_version));
  append_number(key, node.inputs.size());
  for (const ValueId input : node.inputs) append_number(key, input);
  append_number(key, node.outputs.size());
  append_attributes(key, node);
  return key;
}

// Every output that somebody uses must exist on the node that stays, and keep its name if it is an
// output of the graph.
bool can_replace(const Graph& graph, const Node& removed, const Node& kept) {
  for (size_t i = 0; i < removed.outputs.size(); ++i) {
    const ValueId output = removed.outputs[i];
    if (output == kNoId) continue;
    if (graph.value(output).is_output) return false;
    if (kept.outputs[i] == kNoId && !graph.value(output).consumers.empty()) return false;
  }
  return true;
}

}  // namespace

Result<size_t> share_common(Graph& graph, PassContext& context) {
  size_t changes = share_constants(graph);
  std::unordered_map<std::string, NodeId> first;
  first.reserve(graph.node_count());
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph.node(id);
    if (!may_share(node)) continue;
    const auto [entry, is_new] = first.emplace(key_of(node), id);
    if (is_new) continue;
    const Node& kept = graph.node(entry->second);
    if (!can_replace(graph, node, kept)) continue;
    context.changed(node.name);
    const std::vector<ValueId> removed_outputs = node.outputs;
    const std::vector<ValueId> kept_outputs = kept.outputs;
    for (size_t i = 0; i < removed_outputs.size(); ++i) {
      if (removed_outputs[i] != kNoId && kept_outputs[i] != kNoId) {
        graph.replace_uses(removed_outputs[i], kept_outputs[i]);
      }
    }
    graph.remove_node(id);
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
