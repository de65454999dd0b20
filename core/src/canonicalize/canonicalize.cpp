#include "canonicalize/canonicalize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "canonicalize/gradient.hpp"
#include "canonicalize/upgrade.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

using canonical::Entry;

bool is_core_domain(const Node& node) { return node.domain.empty(); }

std::span<const Entry> steps_of(std::string_view domain, std::string_view op_type) {
  const std::vector<Entry>& table =
      domain == kMicrosoftDomain ? canonical::microsoft_table() : canonical::upgrade_table();
  const auto less = [](const Entry& entry, std::string_view name) { return entry.op_type < name; };
  const auto first = std::lower_bound(table.begin(), table.end(), op_type, less);
  auto last = first;
  while (last != table.end() && last->op_type == op_type) ++last;
  return {first, last};
}

// The form that the file's opset gives the node.
Result<int32_t> form_of(const Node& node, std::span<const OpsetImport> opsets) {
  if (node.since_version > 0) return node.since_version;
  const int64_t opset = imported_version(opsets, node.domain);
  const int32_t version = since_version(node.domain, node.op_type, opset);
  if (version > 0) return version;
  return Status(ErrorCode::kInvalidModel,
                fmt::format("{}: unknown operator '{}' in opset {} of domain '{}'", node.label(), node.op_type,
                            opset, node.domain.empty() ? "ai.onnx" : node.domain));
}

// Newer opsets widen the types of many operators and add attributes with defaults that say what was so before:
// a node has the oldest form from the first level on that can express it.
int32_t settled_form(const Graph& graph, const Node& node, int32_t newest) {
  Node older = node;
  for (int32_t level = kFirstLevel; level < newest; ++level) {
    older.since_version = since_version("", node.op_type, level);
    if (older.since_version != 0 && check_node(older, graph).ok()) return older.since_version;
  }
  return newest;
}

Status upgrade_node(Graph& graph, NodeId id, std::span<const OpsetImport> opsets) {
  if (graph.node(id).domain == "ai.onnx") graph.node(id).domain.clear();
  if (first_version(graph.node(id).domain, graph.node(id).op_type) == 0 &&
      !is_standard_domain(graph.node(id).domain))
    return {};
  BP_ASSIGN_OR_RETURN(const int32_t form, form_of(graph.node(id), opsets));
  graph.node(id).since_version = form;
  canonical::Upgrade upgrade(graph, id);
  for (const Entry& entry : steps_of(graph.node(id).domain, graph.node(id).op_type)) {
    if (form < entry.before) BP_RETURN_IF_ERROR(entry.step(upgrade));
  }
  Node& node = graph.node(id);
  // The other domains keep the form of the file: their older forms are no subset of the newer.
  if (!is_core_domain(node)) return {};
  const int32_t known = since_version("", node.op_type, kFirstLevel);
  if (form <= kFirstLevel && known != 0) {
    node.since_version = known;
  } else {
    const int32_t newest = form > kFirstLevel ? form : since_version("", node.op_type, kCanonicalLevel);
    node.since_version = settled_form(graph, node, newest);
  }
  return {};
}

Status canonicalize_graph(Graph& graph, std::span<const OpsetImport> opsets) {
  // Nodes that the steps add are canonical already.
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (!graph.node(id).alive) continue;
    BP_RETURN_IF_ERROR(upgrade_node(graph, id, opsets));
    for (const std::shared_ptr<Graph>& body : graph.node(id).regions) {
      BP_RETURN_IF_ERROR(canonicalize_graph(*body, opsets));
    }
  }
  return expand_gradients(graph);
}

bool wants_types(const Graph& graph, std::span<const OpsetImport> opsets) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    for (const std::shared_ptr<Graph>& body : node.regions) {
      if (wants_types(*body, opsets)) return true;
    }
    if (is_gradient(node)) return true;
    if (!node.domain.empty() && node.domain != "ai.onnx") continue;
    const auto form = form_of(node, opsets);
    for (const Entry& entry : steps_of("", node.op_type)) {
      if (entry.wants_types && form.ok() && *form < entry.before) return true;
    }
  }
  return false;
}

}  // namespace

Status canonicalize(Graph& graph) { return canonicalize_graph(graph, graph.opsets); }
bool canonicalize_wants_types(const Graph& graph) { return wants_types(graph, graph.opsets); }

bool has_gradients(const Graph& graph) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    if (is_gradient(node)) return true;
    for (const std::shared_ptr<Graph>& body : node.regions) {
      if (has_gradients(*body)) return true;
    }
  }
  return false;
}

}  // namespace bp
