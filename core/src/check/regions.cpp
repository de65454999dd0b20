// How many inputs and outputs bodies have. With N carried values and K scanned ones (onnx, Operators.md):
//   branch: bodies take the captures, and give the node's outputs;
//   loop:   node (M, cond, N) -> (N + K); body (iteration, cond, N) -> (cond, N + K);
//   scan:   node (N + num_scan_inputs) -> (N + K); body the same. Opset 8 has sequence_lens in front.
#include <fmt/format.h>

#include "check/rules.hpp"
#include "ops/onnx_bridge/check_node.hpp"

namespace bp {
namespace {

// What a node calls for: the number of bodies, their inputs without captures, and at least how many outputs
// (a node may leave its last outputs out).
struct Shape {
  size_t bodies = 0;
  size_t inputs = 0;
  size_t outputs = 0;
};

Shape expected_shape(const Node& node, size_t own_inputs, int64_t opset) {
  switch (node.region) {
    case RegionKind::kBranch:
      return {2, 0, node.outputs.size()};
    case RegionKind::kLoop:
      return {1, own_inputs, node.outputs.size() + 1};
    case RegionKind::kScan: {
      const bool has_lengths = opset < 9 && own_inputs > 0;
      return {1, has_lengths ? own_inputs - 1 : own_inputs, node.outputs.size()};
    }
    case RegionKind::kNone:
      break;
  }
  return {};
}

}  // namespace

void check_regions(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || (node.region == RegionKind::kNone && node.regions.empty())) continue;
    if (node.capture_count > node.inputs.size()) {
      problems.add(
          fmt::format("{}: {} captures, but {} inputs", node.label(), node.capture_count, node.inputs.size()));
      continue;
    }
    const size_t own_inputs = node.inputs.size() - node.capture_count;
    const int64_t opset = node.since_version != 0 ? node.since_version : imported_version(opsets, node.domain);
    const Shape shape = expected_shape(node, own_inputs, opset);
    if (node.regions.size() != shape.bodies) {
      problems.add(
          fmt::format("{}: must have {} bodies, has {}", node.label(), shape.bodies, node.regions.size()));
      continue;
    }
    for (const auto& body : node.regions) {
      if (!body) {
        problems.add(fmt::format("{}: a body is missing", node.label()));
        continue;
      }
      const size_t captures = node.capture_count;
      if (body->inputs().size() != shape.inputs + captures) {
        problems.add(fmt::format("{}: the body must have {} inputs, has {}", node.label(), shape.inputs,
                                 static_cast<int64_t>(body->inputs().size()) - static_cast<int64_t>(captures)));
      }
      if (body->outputs().size() < shape.outputs) {
        problems.add(fmt::format("{}: the body must have {} outputs, has {}", node.label(), shape.outputs,
                                 body->outputs().size()));
      }
    }
  }
}

}  // namespace bp
