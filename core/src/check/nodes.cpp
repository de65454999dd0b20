// Imports, and each node against its signature (ops/onnx_bridge).
#include <fmt/format.h>

#include "check/rules.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

std::string shown(const std::string& domain) { return domain.empty() ? "ai.onnx" : domain; }

}  // namespace

void check_opsets(const Graph& graph, Problems& problems) {
  for (const OpsetImport& import : graph.opsets) {
    const int64_t newest = newest_opset(import.domain);
    if (newest != 0 && import.version > newest) {
      problems.add(
          Status(ErrorCode::kIncompatible,
                 fmt::format("the model imports opset {} of {}, the newest known is {} (ir_version {})",
                             import.version, shown(import.domain), newest, graph.ir_version)));
    }
  }
}

void check_nodes(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems) {
  for (NodeId id = 0; id < graph.node_count() && !problems.full(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    if (node.since_version == 0 && imported_version(opsets, node.domain) == 0) {
      problems.add(
          fmt::format("{}: the model imports no opset of domain '{}'", node.label(), shown(node.domain)));
      continue;
    }
    problems.add(check_node(node, graph, opsets));
  }
}

void check_types(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems) {
  for (NodeId id = 0; id < graph.node_count() && !problems.full(); ++id)
    if (graph.node(id).alive) problems.add(check_input_types(graph.node(id), graph, opsets));
}

}  // namespace bp
