// A transpose that moves only dims of size 1 leaves every element where it is: as a Reshape it costs nothing.
// Runs when transposes have found their places, for a Reshape does not move any more.
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

bool moves_only_ones(const Dims& dims, const std::vector<int64_t>& perm) {
  int64_t last = -1;
  for (const int64_t axis : perm) {
    if (dims[static_cast<size_t>(axis)].size == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace

Result<size_t> flatten_transposes(Graph& graph, PassContext& context) {
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || !is_op(node, "Transpose")) continue;
    const auto perm = transpose_perm(graph, &node);
    const ValueType& source = graph.value(node.inputs[0]).type;
    const ValueId output = node.outputs[0];
    if (!perm || !source.has_rank || source.dims.size() != perm->size()) continue;
    if (!moves_only_ones(source.dims, *perm)) continue;
    const auto shape = reshape_operand(source, graph.value(output).type);
    if (!shape) continue;
    Node reshape;
    reshape.name = node.name;
    reshape.op_type = "Reshape";
    reshape.since_version = 21;
    reshape.origin = node.origin;
    reshape.inputs = {node.inputs[0], kNoId};
    reshape.outputs = {output};
    context.changed(node.name);
    graph.remove_node(id);
    reshape.inputs[1] = add_named_constant(graph, graph.value(output).name + "_shape",
                                           Tensor::of_int64({static_cast<int64_t>(shape->size())}, *shape));
    graph.add_node(std::move(reshape));
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
