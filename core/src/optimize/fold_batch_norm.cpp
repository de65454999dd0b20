// A BatchNormalization behind a convolution becomes part of its weights and bias:
//   factor = scale / sqrt(variance + epsilon)
//   weights' = weights * factor per output channel,  bias' = (bias - mean) * factor + shift
#include <algorithm>
#include <cstring>
#include <span>
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

// Vectors of all candidates, one behind the other: their arithmetic is a handful of nodes, however many there
// are.
class Joined {
 public:
  void add(const Graph& graph, ValueId value) {
    const std::span<const std::byte> bytes = fixed_tensor(graph, value)->bytes;
    const size_t begin = numbers_.size();
    numbers_.resize(begin + bytes.size() / sizeof(float));
    std::memcpy(numbers_.data() + begin, bytes.data(), bytes.size());  // of any alignment
  }
  void add(int64_t count, float number) { numbers_.insert(numbers_.end(), static_cast<size_t>(count), number); }
  TensorPtr tensor() const { return Tensor::of_float({static_cast<int64_t>(numbers_.size())}, numbers_); }

 private:
  std::vector<float> numbers_;
};

// A part of a joined vector, in the joined vector's memory.
TensorPtr part(const TensorPtr& joined, int64_t begin, ConcreteDims dims) {
  auto tensor = std::make_shared<Tensor>();
  tensor->type = joined->type;
  tensor->bytes = joined->bytes.subspan(static_cast<size_t>(begin) * sizeof(float),
                                        static_cast<size_t>(element_count(dims)) * sizeof(float));
  tensor->dims = std::move(dims);
  tensor->owner = joined;
  return tensor;
}

int64_t channels_of(const Graph& graph, const Candidate& candidate) {
  return fixed_tensor(graph, graph.node(candidate.norm).inputs[1])->dims[0];
}

// Outputs: the factors, then the new biases, of all candidates.
void add_vectors(WeightGraph& made, const Graph& graph, const std::vector<Candidate>& candidates) {
  Joined scale, shift, mean, variance, epsilon, bias;
  for (const Candidate& candidate : candidates) {
    const Node& norm = graph.node(candidate.norm);
    scale.add(graph, norm.inputs[1]);
    shift.add(graph, norm.inputs[2]);
    mean.add(graph, norm.inputs[3]);
    variance.add(graph, norm.inputs[4]);
    epsilon.add(channels_of(graph, candidate), norm.float_or("epsilon", 1e-5f));
    const ValueId old = input_at(graph.node(candidate.convolution), 2);
    old == kNoId ? bias.add(channels_of(graph, candidate), 0.0f) : bias.add(graph, old);
  }
  const ValueId scales = made.constant(scale.tensor());
  const ConcreteDims all = made.dims(scales);
  const auto node = [&](const char* op_type, ValueId a, ValueId b) { return made.node(op_type, {a, b}, all); };
  const ValueId shifted = node("Add", made.constant(variance.tensor()), made.constant(epsilon.tensor()));
  const ValueId factors = node("Div", scales, made.node("Sqrt", {shifted}, all));
  const ValueId centered = node("Sub", made.constant(bias.tensor()), made.constant(mean.tensor()));
  made.add_output(factors);
  made.add_output(node("Add", node("Mul", centered, factors), made.constant(shift.tensor())));
}

// Output: the weights times the factors.
void add_weights(WeightGraph& made, const Node& convolution, const TensorPtr& factors, int64_t begin) {
  const ValueId weights = made.copy(convolution.inputs[1]);
  const auto axis = static_cast<size_t>(weight_channel_axis(convolution));
  ConcreteDims spread(made.dims(weights).size(), 1);
  spread[axis] = made.dims(weights)[axis];
  const ValueId factor = made.constant(part(factors, begin, std::move(spread)));
  made.add_output(made.node("Mul", {weights, factor}, made.dims(weights)));
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
  WeightGraph vectors(graph);
  add_vectors(vectors, graph, candidates);
  BP_ASSIGN_OR_RETURN(const auto made, vectors.run(context));
  if (!made) return size_t{0};
  const TensorPtr& factors = (*made)[0];
  const TensorPtr& biases = (*made)[1];

  WeightGraph products(graph);
  int64_t begin = 0;
  for (const Candidate& candidate : candidates) {
    add_weights(products, graph.node(candidate.convolution), factors, begin);
    begin += channels_of(graph, candidate);
  }
  BP_ASSIGN_OR_RETURN(const auto weights, products.run(context));
  if (!weights) return size_t{0};
  begin = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const int64_t channels = channels_of(graph, candidates[i]);
    context.changed(graph.node(candidates[i].norm).name);
    rewrite(graph, candidates[i], (*weights)[i], part(biases, begin, {channels}));
    begin += channels;
  }
  return candidates.size();
}

}  // namespace bp::optimize_passes
