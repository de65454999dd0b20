// A bias in float32 between quantized tensors becomes the integers that are added to the sums of products,
// dequantized by the products' scale: then raise_quantized takes the convolution whole. Half a step of the sums
// is far below a step of the output.
#include <cmath>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/quantization.hpp"
#include "optimize/rewrite.hpp"
#include "optimize/weight_graph.hpp"

namespace bp::optimize_passes {
namespace {

struct Candidate {
  NodeId node = kNoId;
  ValueId x_scale = kNoId;
  ValueId w_scale = kNoId;
};

// Does the node's output become integers, maybe behind an activation?
bool is_quantized(const Graph& graph, ValueId value) {
  if (!has_single_use(graph, value)) return false;
  const Node& reader = graph.node(graph.value(value).consumers.front());
  if (is_op(reader, "Relu") || is_op(reader, "Clip")) return is_quantized(graph, reader.outputs[0]);
  return is_op(reader, "QuantizeLinear");
}

std::optional<Candidate> candidate_at(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const bool convolves = is_op(node, "Conv");
  if (!node.alive || (!convolves && !is_op(node, "Gemm"))) return std::nullopt;
  const Tensor* bias = fixed_tensor(graph, input_at(node, 2));
  if (bias == nullptr || bias->type != ElementType::kFloat32 || bias->dims.size() != 1) return std::nullopt;
  const auto producer = [&](size_t input) {
    const ValueId value = input_at(node, input);
    return value == kNoId ? kNoId : graph.value(value).producer;
  };
  const int64_t axis = convolves || node.int_or("transB", 0) != 0 ? 0 : 1;
  const auto x = quantization_of(graph, producer(0));
  const auto w = sliced_quantization(graph, producer(1), axis);
  if (!x || !w || !is_fixed(graph, w->integers) || !is_quantized(graph, node.outputs[0])) return std::nullopt;
  const int64_t scales = fixed_tensor(graph, w->scale)->count();
  if (scales != 1 && scales != bias->count()) return std::nullopt;
  return Candidate{id, x->scale, w->scale};
}

// Whole numbers as int32; nothing where one is too great.
TensorPtr as_int32(const Tensor& whole) {
  std::vector<int32_t> integers(static_cast<size_t>(whole.count()));
  constexpr float kMost = 1 << 30;
  for (size_t i = 0; i < integers.size(); ++i) {
    float number = 0;
    std::memcpy(&number, whole.bytes.data() + i * sizeof(float), sizeof(float));
    if (!(std::abs(number) < kMost)) return nullptr;
    integers[i] = static_cast<int32_t>(number);
  }
  return Tensor::copy_of(ElementType::kInt32, whole.dims, std::as_bytes(std::span(integers)));
}

void replace(Graph& graph, NodeId id, TensorPtr integers, const Tensor& scales, PassContext& context) {
  const ValueId bias = graph.node(id).inputs[2];
  const std::string name = graph.value(bias).name;
  Node dequantize;
  dequantize.op_type = "DequantizeLinear";
  dequantize.since_version = 21;
  dequantize.origin = std::vector<std::string>(graph.node(id).origin);
  dequantize.set_attribute("axis", int64_t{0});
  // One scale for all is a scalar.
  const ConcreteDims dims = scales.count() == 1 ? ConcreteDims{} : scales.dims;
  dequantize.inputs = {
      add_named_constant(graph, name + "_quantized", std::move(integers)),
      add_named_constant(graph, name + "_scale", Tensor::copy_of(ElementType::kFloat32, dims, scales.bytes))};
  const ValueType type = graph.value(bias).type;
  graph.set_node_input(id, 2, add_simple_node(graph, std::move(dequantize), name + "_dequantized", type));
  context.changed(graph.node(id).name);
}

}  // namespace

Result<size_t> quantize_biases(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"QuantizeLinear"})) return size_t{0};
  std::vector<Candidate> candidates;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (const auto candidate = candidate_at(graph, id)) candidates.push_back(*candidate);
  }
  if (candidates.empty()) return size_t{0};
  WeightGraph weights(graph);
  for (const Candidate& candidate : candidates) {
    const ValueId x = weights.copy(candidate.x_scale);
    const ValueId w = weights.copy(candidate.w_scale);
    const ValueId bias = weights.copy(graph.node(candidate.node).inputs[2]);
    const ConcreteDims bias_dims = weights.dims(bias);
    const bool of_x = weights.dims(x).size() > weights.dims(w).size();
    const ConcreteDims scale_dims = weights.dims(of_x ? x : w);
    const ValueId scale = weights.node("Mul", {x, w}, scale_dims);
    weights.add_output(weights.node("Round", {weights.node("Div", {bias, scale}, bias_dims)}, bias_dims));
    weights.add_output(scale);
  }
  BP_ASSIGN_OR_RETURN(const auto tensors, weights.run(context));
  if (!tensors) return size_t{0};
  size_t changes = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    TensorPtr integers = as_int32(*(*tensors)[2 * i]);
    if (integers == nullptr) {
      context.note(graph.node(candidates[i].node).label() + ": its bias is no 32-bit number of steps");
      continue;
    }
    replace(graph, candidates[i].node, std::move(integers), *(*tensors)[2 * i + 1], context);
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
