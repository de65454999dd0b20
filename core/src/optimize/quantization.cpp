#include "optimize/quantization.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

bool is_byte(ElementType type) { return type == ElementType::kUint8 || type == ElementType::kInt8; }

bool is_one(const Graph& graph, ValueId value) {
  const Tensor* tensor = fixed_tensor(graph, value);
  return tensor != nullptr && tensor->count() == 1;
}

// What both readings have in common.
std::optional<Quantization> fixed_parameters(const Graph& graph, NodeId id) {
  if (id == kNoId || !graph.node(id).alive) return std::nullopt;
  const Node& node = graph.node(id);
  const bool quantizes = is_op(node, "QuantizeLinear");
  if (!quantizes && !is_op(node, "DequantizeLinear")) return std::nullopt;
  constexpr int64_t kFloat = static_cast<int64_t>(ElementType::kFloat32);
  const int64_t precision = node.int_or("precision", 0);
  if (node.int_or("block_size", 0) != 0 || (precision != 0 && precision != kFloat)) return std::nullopt;
  Quantization result;
  result.integers = quantizes ? output_at(node, 0) : input_at(node, 0);
  result.scale = input_at(node, 1);
  result.zero = input_at(node, 2);
  result.node = id;
  const ValueId floats = quantizes ? input_at(node, 0) : output_at(node, 0);
  if (floats == kNoId || result.integers == kNoId) return std::nullopt;
  result.type = graph.value(result.integers).type.element;
  if (graph.value(floats).type.element != ElementType::kFloat32) return std::nullopt;
  if (!is_fixed(graph, result.scale) || (result.zero != kNoId && !is_fixed(graph, result.zero))) {
    return std::nullopt;
  }
  if (graph.value(result.scale).type.element != ElementType::kFloat32) return std::nullopt;
  return result;
}

}  // namespace

std::optional<Quantization> quantization_of(const Graph& graph, NodeId node) {
  auto result = fixed_parameters(graph, node);
  if (!result || !is_byte(result->type) || !is_one(graph, result->scale)) return std::nullopt;
  if (result->zero != kNoId && !is_one(graph, result->zero)) return std::nullopt;
  return result;
}

std::optional<Quantization> sliced_quantization(const Graph& graph, NodeId id, int64_t axis) {
  auto result = fixed_parameters(graph, id);
  if (!result || !is_op(graph.node(id), "DequantizeLinear")) return std::nullopt;
  const ValueType& type = graph.value(result->integers).type;
  if (!type.has_rank) return std::nullopt;
  const auto rank = static_cast<int64_t>(type.dims.size());
  const int64_t stated = graph.node(id).int_or("axis", 1);
  const bool along = axis < rank && (stated < 0 ? stated + rank : stated) == axis;
  for (const ValueId value : {result->scale, result->zero}) {
    if (value == kNoId || is_one(graph, value)) continue;
    if (!along || graph.value(value).type.dims.size() != 1) return std::nullopt;
  }
  return result;
}

int64_t zero_of(const Graph& graph, const Quantization& quantization) {
  if (quantization.zero == kNoId) return 0;
  const auto zeros = fixed_ints(graph, quantization.zero);
  return zeros && !zeros->empty() ? zeros->front() : 0;
}

ValueId zero_constant(Graph& graph, const Quantization& quantization) {
  if (quantization.zero != kNoId) return quantization.zero;
  constexpr std::byte kZero{0};
  return add_named_constant(graph, graph.value(quantization.integers).name + "_zero_point",
                            Tensor::copy_of(quantization.type, {}, {&kZero, 1}));
}

bool same_quantization(const Graph& graph, const Quantization& a, const Quantization& b) {
  return a.type == b.type && fixed_floats(graph, a.scale) == fixed_floats(graph, b.scale) &&
         zero_of(graph, a) == zero_of(graph, b);
}

ByteRange byte_range(ElementType type) {
  return type == ElementType::kInt8 ? ByteRange{-128, 127} : ByteRange{0, 255};
}

std::vector<float> fixed_floats(const Graph& graph, ValueId value) {
  const Tensor* tensor = fixed_tensor(graph, value);
  if (tensor == nullptr || tensor->type != ElementType::kFloat32) return {};
  std::vector<float> numbers(tensor->bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), tensor->bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

}  // namespace bp::optimize_passes
