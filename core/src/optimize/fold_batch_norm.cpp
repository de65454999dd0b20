// A BatchNormalization behind a convolution becomes part of its weights and bias:
//   factor = scale / sqrt(variance + epsilon)
//   weights' = weights * factor per output channel,  bias' = (bias - mean) * factor + shift
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"
#include "optimize/weight_graph.hpp"

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

bool fits(const Graph& graph, const Node& norm) {
  if (!is_op(norm, "BatchNormalization") || norm.int_or("training_mode", 0) != 0 || norm.inputs.size() != 5) {
    return false;
  }
  for (size_t i = 1; i < norm.outputs.size(); ++i) {
    if (!is_unused(graph, norm.outputs[i])) return false;
  }
  const Node* convolution = producer_of(graph, norm.inputs[0]);
  if (convolution == nullptr || weight_channel_axis(*convolution) < 0 ||
      !has_single_use(graph, norm.inputs[0])) {
    return false;
  }
  const Tensor* weights = fixed_tensor(graph, input_at(*convolution, 1));
  if (weights == nullptr || weights->type != ElementType::kFloat32 || weights->dims.size() < 3) return false;
  const int64_t channels = weights->dims[static_cast<size_t>(weight_channel_axis(*convolution))];
  const ValueId bias = input_at(*convolution, 2);
  return (bias == kNoId || is_float_vector(graph, bias, channels)) &&
         std::all_of(norm.inputs.begin() + 1, norm.inputs.end(),
                     [&](ValueId value) { return is_float_vector(graph, value, channels); });
}

void add_weights(WeightGraph& made, const Node& convolution, const Node& norm) {
  const ValueId scale = made.copy(norm.inputs[1]);
  const ConcreteDims channels = made.dims(scale);
  const ValueId shifted =
      made.node("Add", {made.copy(norm.inputs[4]), made.scalar(norm.float_or("epsilon", 1e-5f))}, channels);
  const ValueId factor = made.node("Div", {scale, made.node("Sqrt", {shifted}, channels)}, channels);

  const ValueId weights = made.copy(convolution.inputs[1]);
  ConcreteDims spread(made.dims(weights).size(), 1);
  spread[static_cast<size_t>(weight_channel_axis(convolution))] = channels[0];
  made.add_output(made.node("Mul", {weights, made.reshape(factor, spread)}, made.dims(weights)));

  const ValueId bias = input_at(convolution, 2);
  const ValueId mean = made.copy(norm.inputs[3]);
  const ValueId centered =
      bias == kNoId ? made.node("Neg", {mean}, channels) : made.node("Sub", {made.copy(bias), mean}, channels);
  const ValueId scaled = made.node("Mul", {centered, factor}, channels);
  made.add_output(made.node("Add", {scaled, made.copy(norm.inputs[2])}, channels));
}

void rewrite(Graph& graph, const Candidate& candidate, TensorPtr weights, TensorPtr bias) {
  const std::string name = graph.node(candidate.convolution).name;
  if (graph.node(candidate.convolution).inputs.size() < 3) graph.resize_node_inputs(candidate.convolution, 3);
  graph.set_node_input(candidate.convolution, 1,
                       add_named_constant(graph, name + "_weights", std::move(weights)));
  graph.set_node_input(candidate.convolution, 2, add_named_constant(graph, name + "_bias", std::move(bias)));
  absorb(graph, candidate.convolution, candidate.norm);
}

}  // namespace

Result<size_t> fold_batch_norm(Graph& graph, PassContext& context) {
  std::vector<Candidate> candidates;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.alive && fits(graph, node)) candidates.push_back({graph.value(node.inputs[0]).producer, id});
  }
  if (candidates.empty()) return size_t{0};
  WeightGraph weights(graph);
  for (const Candidate& candidate : candidates) {
    add_weights(weights, graph.node(candidate.convolution), graph.node(candidate.norm));
  }
  BP_ASSIGN_OR_RETURN(const auto tensors, weights.run(context));
  if (!tensors) return size_t{0};
  for (size_t i = 0; i < candidates.size(); ++i) {
    context.changed(graph.node(candidates[i].norm).name);
    rewrite(graph, candidates[i], (*tensors)[2 * i], (*tensors)[2 * i + 1]);
  }
  return candidates.size();
}

}  // namespace bp::optimize_passes
