// Shape arithmetic whose operands are all known: dims that are static make Shape a constant, and what is
// computed from it follows. Done by the core's own evaluator, so it needs no provider; data is left to
// fold_constants.
#include <algorithm>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

constexpr int64_t kMaxElements = 4096;
constexpr int64_t kMaxReals = 16;  // scales and step widths, not data

bool is_shape_like(const ValueType& type) {
  if (!type.is_tensor() || !type.has_rank || type.dims.size() > 1) return false;
  const int64_t count = element_count(type.dims);
  if (count < 0) return false;
  switch (type.element) {
    case ElementType::kInt64:
    case ElementType::kInt32:
    case ElementType::kBool:
      return count <= kMaxElements;
    case ElementType::kFloat32:
    case ElementType::kFloat64:
      return count <= kMaxReals;
    default:
      return false;
  }
}

bool may_evaluate(const Graph& graph, const Node& node) {
  const auto is_known = [&](ValueId value) {
    return value == kNoId || is_fixed(graph, value) ||
           ((is_op(node, "Shape") || is_op(node, "Size")) && graph.value(value).type.is_static());
  };
  return !node.runs_in_core() && std::all_of(node.inputs.begin(), node.inputs.end(), is_known) &&
         std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
           return output != kNoId && is_shape_like(graph.value(output).type);
         });
}

}  // namespace

Result<size_t> fold_shapes(Graph& graph, PassContext& context) {
  if (!context.options.evaluate_shape_node) return size_t{0};
  size_t changes = 0;
  // Most graphs have none, and then need no order.
  std::vector<NodeId> order;
  for (NodeId id = 0; id < graph.node_count() && order.empty(); ++id) {
    if (graph.node(id).alive && may_evaluate(graph, graph.node(id))) order = graph.topological_order();
  }
  for (const NodeId id : order) {
    if (!may_evaluate(graph, graph.node(id))) continue;
    const std::vector<ValueId> outputs = graph.node(id).outputs;
    const auto tensors = context.options.evaluate_shape_node(graph, id);
    if (!tensors.ok()) {
      context.note(graph.node(id).label() + " was not folded: " + tensors.status().message());
      continue;
    }
    if (tensors->size() != outputs.size() ||
        std::find(tensors->begin(), tensors->end(), nullptr) != tensors->end()) {
      continue;  // the evaluator does not take it
    }
    context.changed(graph.node(id).name);
    graph.remove_node(id);
    for (size_t i = 0; i < outputs.size(); ++i) make_constant(graph, outputs[i], (*tensors)[i]);
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
