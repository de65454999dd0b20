// A chain of Reshape, Flatten, Squeeze and Unsqueeze only renames the axes of the same elements: the
// last one alone, as a Reshape of the chain's source, does the same. Done where the last shape can be
// written down: every dim known, copied from the same place of the source, or the one that is left. A shape
// that is computed although it can be written down is written down.
#include <optional>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

bool is_view(const Node& node) {
  return is_op(node, "Reshape") || is_op(node, "Flatten") || is_op(node, "Squeeze") || is_op(node, "Unsqueeze");
}

ValueId add_shape(Graph& graph, ValueId output, const std::vector<int64_t>& shape) {
  return add_named_constant(graph, graph.value(output).name + "_shape",
                            Tensor::of_int64({static_cast<int64_t>(shape.size())}, shape));
}

bool write_down_shape(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!is_op(node, "Reshape") || node.inputs.size() < 2 || graph.value(node.inputs[1]).constant != nullptr) {
    return false;
  }
  const auto shape = reshape_operand(graph.value(node.inputs[0]).type, graph.value(node.outputs[0]).type);
  if (!shape) return false;
  graph.set_node_input(id, 1, add_shape(graph, node.outputs[0], *shape));
  graph.node(id).remove_attribute("allowzero");
  return true;
}

}  // namespace

Result<size_t> clean_reshapes(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Reshape", "Flatten", "Squeeze", "Unsqueeze"})) return size_t{0};
  size_t changes = 0;
  for (const NodeId id : graph.topological_order()) {
    if (write_down_shape(graph, id)) {
      context.changed(graph.node(id).name);
      ++changes;
    }
    const Node& last = graph.node(id);
    if (!is_view(last) || last.inputs.empty() || last.inputs[0] == kNoId) continue;
    const ValueId middle = last.inputs[0];
    const Node* first = producer_of(graph, middle);
    if (first == nullptr || !is_view(*first) || !has_single_use(graph, middle)) continue;
    const ValueId source = first->inputs[0];
    const ValueId output = last.outputs[0];
    const auto shape = reshape_operand(graph.value(source).type, graph.value(output).type);
    if (!shape) continue;

    const NodeId inner = graph.value(middle).producer;
    Node reshape;
    reshape.name = last.name;
    reshape.op_type = "Reshape";
    reshape.since_version = 21;
    reshape.origin = first->origin;
    reshape.origin.insert(reshape.origin.end(), last.origin.begin(), last.origin.end());
    reshape.inputs = {source, add_shape(graph, output, *shape)};
    reshape.outputs = {output};
    context.changed(graph.node(inner).name);
    graph.remove_node(id);
    graph.remove_node(inner);
    graph.add_node(std::move(reshape));
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
