#include "optimize/weight_graph.hpp"

#include <algorithm>
#include <utility>

#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

int32_t since_version_of(const std::string& op_type) {
  if (op_type == "Reshape") return 21;
  if (op_type == "Round") return 11;
  return op_type == "Sqrt" || op_type == "Neg" ? 13 : 14;
}

}  // namespace

int64_t weight_channel_axis(const Node& node) {
  if (is_op(node, "Conv")) return 0;
  return is_op(node, "ConvTranspose") && node.int_or("group", 1) == 1 ? 1 : -1;
}

WeightGraph::WeightGraph(const Graph& source) : source_(source) { graph_.opsets = source.opsets; }

ValueId WeightGraph::constant(TensorPtr tensor) {
  dims_.push_back(tensor->dims);
  return graph_.add_constant({}, std::move(tensor));
}

ValueId WeightGraph::copy(ValueId value) { return constant(source_.value(value).constant); }

ValueId WeightGraph::scalar(float number) {
  return constant(Tensor::of_float({1}, std::vector<float>{number}));
}

ValueId WeightGraph::node(const char* op_type, std::vector<ValueId> inputs, ConcreteDims dims) {
  Node node;
  node.op_type = op_type;
  node.since_version = since_version_of(op_type);
  node.inputs = std::move(inputs);
  Dims type_dims;
  for (const int64_t size : dims) type_dims.push_back(Dim::of(size));
  dims_.push_back(std::move(dims));
  return add_simple_node(graph_, std::move(node), op_type,
                         ValueType::tensor(ElementType::kFloat32, std::move(type_dims)));
}

ValueId WeightGraph::reshape(ValueId value, ConcreteDims dims) {
  const ValueId shape = constant(Tensor::of_int64({static_cast<int64_t>(dims.size())}, dims));
  return node("Reshape", {value, shape}, std::move(dims));
}

Result<std::optional<std::vector<TensorPtr>>> WeightGraph::run(PassContext& context) const {
  const std::optional<std::vector<TensorPtr>> nothing;
  ConstantFolder* folder = context.options.folder;
  if (folder == nullptr) {
    context.note("skipped: no provider works in memory that the host can read");
    return nothing;
  }
  BP_ASSIGN_OR_RETURN(const std::vector<bool> taken, folder->can_fold(graph_));
  if (taken.size() != graph_.node_count() || std::find(taken.begin(), taken.end(), false) != taken.end()) {
    context.note("skipped: the folding provider does not take the operators that compute the weights");
    return nothing;
  }
  auto tensors = folder->fold(graph_);
  if (!tensors.ok()) {
    context.note("skipped: " + tensors.status().message());
    return nothing;
  }
  bool fits = tensors->size() == graph_.outputs().size();
  for (size_t i = 0; fits && i < tensors->size(); ++i) {
    const TensorPtr& tensor = (*tensors)[i];
    fits = tensor != nullptr && tensor->type == ElementType::kFloat32 &&
           tensor->dims == dims_[graph_.outputs()[i]];
  }
  if (!fits) {
    context.note("skipped: the folding provider returned other tensors than were asked for");
    return nothing;
  }
  return std::optional<std::vector<TensorPtr>>(std::move(*tensors));
}

}  // namespace bp::optimize_passes
