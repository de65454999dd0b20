// A BatchNormalization behind a convolution becomes part of its weights and bias. The new weights are
// computed by the session's folder, all of the model's in one call, and nothing changes without them:
//   factor = scale / sqrt(variance + epsilon)
//   weights' = weights * factor per output channel,  bias' = (bias - mean) * factor + shift
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

struct Candidate {
  NodeId convolution = kNoId;
  NodeId norm = kNoId;
};

bool is_float_vector(const Graph& graph, ValueId value, int64_t length) {
  const Tensor* tensor = fixed_tensor(graph, value);
  return tensor != nullptr && tensor->type == ElementType::kFloat32 && tensor->dims == ConcreteDims{length};
}

// The axis of the output channels in the weights; -1 where the node is none of ours.
int64_t channel_axis(const Node& node) {
  if (is_op(node, "Conv")) return 0;
  return is_op(node, "ConvTranspose") && node.int_or("group", 1) == 1 ? 1 : -1;
}

bool fits(const Graph& graph, const Node& norm) {
  if (!is_op(norm, "BatchNormalization") || norm.int_or("training_mode", 0) != 0 || norm.inputs.size() != 5) {
    return false;
  }
  for (size_t i = 1; i < norm.outputs.size(); ++i) {
    if (!is_unused(graph, norm.outputs[i])) return false;
  }
  const Node* convolution = producer_of(graph, norm.inputs[0]);
  if (convolution == nullptr || channel_axis(*convolution) < 0 || !has_single_use(graph, norm.inputs[0])) {
    return false;
  }
  const Tensor* weights = fixed_tensor(graph, input_at(*convolution, 1));
  if (weights == nullptr || weights->type != ElementType::kFloat32 || weights->dims.size() < 3) return false;
  const int64_t channels = weights->dims[static_cast<size_t>(channel_axis(*convolution))];
  const ValueId bias = input_at(*convolution, 2);
  return (bias == kNoId || is_float_vector(graph, bias, channels)) &&
         std::all_of(norm.inputs.begin() + 1, norm.inputs.end(),
                     [&](ValueId value) { return is_float_vector(graph, value, channels); });
}

// The graph that computes the new weights and biases.
class WeightGraph {
 public:
  WeightGraph(const Graph& source, std::vector<OpsetImport> opsets) : source_(source) {
    graph_.opsets = std::move(opsets);
  }

  void add(const Node& convolution, const Node& norm) {
    const Tensor& weights = *source_.value(convolution.inputs[1]).constant;
    const Dims channels = source_.value(norm.inputs[1]).type.dims;
    const float epsilon = norm.float_or("epsilon", 1e-5f);
    const ValueId shifted = node(
        "Add", {copy(norm.inputs[4]), constant(Tensor::of_float({1}, std::vector<float>{epsilon}))}, channels);
    const ValueId deviation = node("Sqrt", {shifted}, channels, 13);
    const ValueId factor = node("Div", {copy(norm.inputs[1]), deviation}, channels);

    std::vector<int64_t> shape(weights.dims.size(), 1);
    const auto axis = static_cast<size_t>(channel_axis(convolution));
    shape[axis] = weights.dims[axis];
    Dims wide(shape.size(), Dim::of(1));
    wide[axis] = Dim::of(shape[axis]);
    const auto rank = static_cast<int64_t>(shape.size());
    const ValueId spread =
        node("Reshape", {factor, constant(Tensor::of_int64({rank}, shape))}, std::move(wide), 21);
    graph_.add_output(
        node("Mul", {copy(convolution.inputs[1]), spread}, source_.value(convolution.inputs[1]).type.dims));

    const ValueId bias = input_at(convolution, 2);
    const ValueId centered = bias == kNoId ? node("Neg", {copy(norm.inputs[3])}, channels, 13)
                                           : node("Sub", {copy(bias), copy(norm.inputs[3])}, channels);
    graph_.add_output(node("Add", {node("Mul", {centered, factor}, channels), copy(norm.inputs[2])}, channels));
  }

  const Graph& graph() const { return graph_; }

 private:
  ValueId constant(TensorPtr tensor) { return graph_.add_constant({}, std::move(tensor)); }
  ValueId copy(ValueId value) { return constant(source_.value(value).constant); }
  ValueId node(const char* op_type, std::vector<ValueId> inputs, Dims dims, int32_t since_version = 14) {
    Node node;
    node.op_type = op_type;
    node.since_version = since_version;
    node.inputs = std::move(inputs);
    return add_simple_node(graph_, std::move(node), op_type,
                           ValueType::tensor(ElementType::kFloat32, std::move(dims)));
  }

  const Graph& source_;
  Graph graph_;
};

void rewrite(Graph& graph, const Candidate& candidate, TensorPtr weights, TensorPtr bias) {
  const std::string name = graph.node(candidate.convolution).name;
  const std::vector<std::string> origin = graph.node(candidate.norm).origin;
  const ValueId convolved = graph.node(candidate.convolution).outputs[0];
  const ValueId output = graph.node(candidate.norm).outputs[0];
  if (graph.node(candidate.convolution).inputs.size() < 3) graph.resize_node_inputs(candidate.convolution, 3);
  graph.set_node_input(candidate.convolution, 1,
                       add_named_constant(graph, name + "_weights", std::move(weights)));
  graph.set_node_input(candidate.convolution, 2, add_named_constant(graph, name + "_bias", std::move(bias)));
  graph.remove_node(candidate.norm);
  graph.value(output).type = graph.value(convolved).type;
  graph.set_node_output(candidate.convolution, 0, output);
  Node& node = graph.node(candidate.convolution);
  node.origin.insert(node.origin.end(), origin.begin(), origin.end());
}

}  // namespace

Result<size_t> fold_batch_norm(Graph& graph, PassContext& context) {
  std::vector<Candidate> candidates;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.alive && fits(graph, node)) candidates.push_back({graph.value(node.inputs[0]).producer, id});
  }
  if (candidates.empty()) return size_t{0};
  ConstantFolder* folder = context.options.folder;
  if (folder == nullptr) {
    context.note("skipped: no provider works in memory that the host can read");
    return size_t{0};
  }
  WeightGraph weights(graph, graph.opsets);
  for (const Candidate& candidate : candidates) {
    weights.add(graph.node(candidate.convolution), graph.node(candidate.norm));
  }
  BP_ASSIGN_OR_RETURN(const std::vector<bool> taken, folder->can_fold(weights.graph()));
  if (taken.size() != weights.graph().node_count() ||
      std::find(taken.begin(), taken.end(), false) != taken.end()) {
    context.note("skipped: the folding provider does not take the operators that compute the weights");
    return size_t{0};
  }
  const auto tensors = folder->fold(weights.graph());
  if (!tensors.ok() || tensors->size() != 2 * candidates.size()) {
    context.note("skipped: " +
                 (tensors.ok() ? std::string("wrong number of tensors") : tensors.status().message()));
    return size_t{0};
  }
  for (size_t i = 0; i < candidates.size(); ++i) {
    context.changed(graph.node(candidates[i].norm).name);
    rewrite(graph, candidates[i], (*tensors)[2 * i], (*tensors)[2 * i + 1]);
  }
  return candidates.size();
}

}  // namespace bp::optimize_passes
