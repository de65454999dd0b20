// A Mul or Add with a constant per channel (or one for all) behind a convolution or a BatchNormalization
// becomes part of its weights, scale or bias.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"
#include "optimize/weight_graph.hpp"

namespace bp::optimize_passes {
namespace {

// Which inputs of the target change, and the length of the channel axis.
struct Target {
  bool is_norm = false;
  size_t factor_input = 1;
  size_t bias_input = 2;
  int64_t channels = 0;
};

struct Candidate {
  NodeId target = kNoId;
  NodeId affine = kNoId;
  ValueId constant = kNoId;
};

bool is_float(const Tensor* tensor) { return tensor != nullptr && tensor->type == ElementType::kFloat32; }

std::optional<Target> target_of(const Graph& graph, const Node& node) {
  Target target;
  target.is_norm = is_op(node, "BatchNormalization");
  if (target.is_norm && (node.int_or("training_mode", 0) != 0 || node.inputs.size() != 5)) return std::nullopt;
  const int64_t axis = target.is_norm ? 0 : weight_channel_axis(node);
  const Tensor* weights = fixed_tensor(graph, input_at(node, 1));
  if (axis < 0 || !is_float(weights) || weights->dims.size() < (target.is_norm ? 1u : 3u)) return std::nullopt;
  target.channels = weights->dims[static_cast<size_t>(axis)];
  const ValueId bias = input_at(node, 2);
  if (bias != kNoId) {
    const Tensor* tensor = fixed_tensor(graph, bias);
    if (!is_float(tensor) || tensor->dims != ConcreteDims{target.channels}) return std::nullopt;
  }
  return target;
}

// Does it broadcast along the channel axis (1) alone, without making the result larger?
bool is_per_channel(const Tensor& tensor, size_t rank, int64_t channels) {
  if (tensor.dims.size() > rank || rank < 2) return false;
  const size_t lead = rank - tensor.dims.size();
  for (size_t i = 0; i < tensor.dims.size(); ++i) {
    const int64_t dim = tensor.dims[i];
    if (dim != 1 && !(lead + i == 1 && dim == channels)) return false;
  }
  return true;
}

std::optional<Candidate> candidate_at(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!node.alive || (!is_op(node, "Mul") && !is_op(node, "Add")) || node.inputs.size() != 2)
    return std::nullopt;
  for (size_t i = 0; i < 2; ++i) {
    const Tensor* constant = fixed_tensor(graph, node.inputs[i]);
    const ValueId other = node.inputs[1 - i];
    const Node* producer = producer_of(graph, other);
    if (!is_float(constant) || producer == nullptr || !has_single_use(graph, other)) continue;
    if (producer->outputs[0] != other) continue;
    const ValueType& type = graph.value(other).type;
    const auto target = target_of(graph, *producer);
    if (!target || !type.has_rank || !is_per_channel(*constant, type.dims.size(), target->channels)) continue;
    return Candidate{graph.value(other).producer, id, node.inputs[i]};
  }
  return std::nullopt;
}

// Outputs: for Mul the new weights and, where there is a bias, the new bias; for Add the new bias.
void add_weights(WeightGraph& made, const Graph& graph, const Candidate& candidate) {
  const Node& node = graph.node(candidate.target);
  const Target target = *target_of(graph, node);
  const ValueId given = made.copy(candidate.constant);
  const ValueId constant = made.reshape(given, {element_count(made.dims(given))});
  const ConcreteDims channels = {target.channels};
  const ValueId bias = input_at(node, target.bias_input);
  if (is_op(graph.node(candidate.affine), "Add")) {
    const std::vector<float> zeros(static_cast<size_t>(target.channels), 0.0f);
    const ValueId old = bias == kNoId ? made.constant(Tensor::of_float(channels, zeros)) : made.copy(bias);
    made.add_output(made.node("Add", {old, constant}, channels));
    return;
  }
  const ValueId weights = made.copy(node.inputs[target.factor_input]);
  ConcreteDims spread(made.dims(weights).size(), 1);
  spread[target.is_norm ? 0 : static_cast<size_t>(weight_channel_axis(node))] = made.dims(constant)[0];
  made.add_output(made.node("Mul", {weights, made.reshape(constant, spread)}, made.dims(weights)));
  if (bias != kNoId) made.add_output(made.node("Mul", {made.copy(bias), constant}, channels));
}

// Takes its tensors from `next` on, in the order of add_weights.
void rewrite(Graph& graph, const Candidate& candidate, const std::vector<TensorPtr>& tensors, size_t& next) {
  const std::string name = graph.node(candidate.target).name;
  const bool has_bias = input_at(graph.node(candidate.target), 2) != kNoId;
  if (graph.node(candidate.target).inputs.size() < 3) graph.resize_node_inputs(candidate.target, 3);
  const bool is_mul = is_op(graph.node(candidate.affine), "Mul");
  if (is_mul) {
    graph.set_node_input(candidate.target, 1, add_named_constant(graph, name + "_weights", tensors[next++]));
  }
  if (!is_mul || has_bias) {
    graph.set_node_input(candidate.target, 2, add_named_constant(graph, name + "_bias", tensors[next++]));
  }
  absorb(graph, candidate.target, candidate.affine);
}

}  // namespace

Result<size_t> fold_affine(Graph& graph, PassContext& context) {
  size_t changes = 0;
  // A Mul and the Add behind it go one after the other.
  constexpr int kMaxChain = 4;
  for (int step = 0; step < kMaxChain; ++step) {
    std::vector<Candidate> candidates;
    for (NodeId id = 0; id < graph.node_count(); ++id) {
      if (const auto candidate = candidate_at(graph, id)) candidates.push_back(*candidate);
    }
    if (candidates.empty()) break;
    WeightGraph weights(graph);
    for (const Candidate& candidate : candidates) add_weights(weights, graph, candidate);
    BP_ASSIGN_OR_RETURN(const auto tensors, weights.run(context));
    if (!tensors) break;
    size_t next = 0;
    for (const Candidate& candidate : candidates) {
      context.changed(graph.node(candidate.affine).name);
      rewrite(graph, candidate, *tensors, next);
    }
    changes += candidates.size();
  }
  return changes;
}

}  // namespace bp::optimize_passes
