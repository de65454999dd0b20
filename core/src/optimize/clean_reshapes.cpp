// A chain of Reshape, Flatten, Squeeze and Unsqueeze only renames the axes of the same elements: the
// last one alone, as a Reshape of the chain's source, does the same. Done where the last shape can be
// written down: every dim known, copied from the same place of the source, or the one that is left.
#include <array>
#include <optional>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

bool is_view(const Node& node) {
  return is_op(node, "Reshape") || is_op(node, "Flatten") || is_op(node, "Squeeze") || is_op(node, "Unsqueeze");
}

// The shape input of a Reshape from `source` to `target`: 0 copies the source's dim, -1 is computed.
std::optional<std::vector<int64_t>> reshape_operand(const ValueType& source, const ValueType& target) {
  if (!target.has_rank || !source.has_rank) return std::nullopt;
  std::vector<int64_t> shape;
  bool has_open = false;
  bool may_be_empty = false;  // with a dim of size 0, -1 has no answer
  for (size_t i = 0; i < target.dims.size(); ++i) {
    const Dim& dim = target.dims[i];
    if (dim.size == 0) return std::nullopt;
    if (dim.known()) {
      shape.push_back(dim.size);
    } else if (i < source.dims.size() && same_dim(dim, source.dims[i])) {
      shape.push_back(0);
      may_be_empty = true;
    } else {
      if (has_open) return std::nullopt;
      shape.push_back(-1);
      has_open = true;
    }
  }
  if (has_open && may_be_empty) return std::nullopt;
  return shape;
}

}  // namespace

Result<size_t> clean_reshapes(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Reshape", "Flatten", "Squeeze", "Unsqueeze"})) return size_t{0};
  size_t changes = 0;
  for (const NodeId id : graph.topological_order()) {
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
    const std::array<int64_t, 1> dims = {static_cast<int64_t>(shape->size())};
    const ValueId operand =
        add_named_constant(graph, graph.value(output).name + "_shape", Tensor::of_int64({dims[0]}, *shape));
    reshape.inputs = {source, operand};
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
