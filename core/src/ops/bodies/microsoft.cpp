// Operators of com.microsoft without attention: fused products, sums before a normalization, activations. By
// ONNX Runtime's description of its operators (ContribOperators.md).
#include <algorithm>
#include <optional>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

constexpr float kEpsilon = 1e-12F;  // where ONNX Runtime's own normalizations state none

ValueId sum_of(BodyBuilder& b, std::initializer_list<size_t> inputs) {
  ValueId sum = kNoId;
  for (const size_t i : inputs) {
    if (b.has_input(i)) sum = sum == kNoId ? b.input(i) : b.add("Add", {sum, b.input(i)});
  }
  return sum;
}

ValueId fast_gelu_of(BodyBuilder& b, ValueId x) {
  return b.add("Gelu", {x}, {{"approximate", std::string("tanh")}});
}

// What a fused operator does last; `first` and `second` are its parameters in the order in which they are
// written.
std::optional<ValueId> activated(BodyBuilder& b, ValueId x, const std::vector<float>& parameters) {
  const std::string name = b.node().string_or("activation", "");
  const auto parameter = [&](size_t i, float fallback) {
    return i < parameters.size() ? parameters[i] : fallback;
  };
  if (name.empty()) return x;
  if (name == "Relu" || name == "Tanh" || name == "Sigmoid" || name == "Softplus" || name == "Softsign")
    return b.add(name, {x});
  if (name == "LeakyRelu" || name == "Elu" || name == "ThresholdedRelu")
    return b.add(name, {x}, {{"alpha", parameter(0, name == "LeakyRelu" ? 0.01F : 1.0F)}});
  if (name == "HardSigmoid")
    return b.add(name, {x}, {{"alpha", parameter(0, 0.2F)}, {"beta", parameter(1, 0.5F)}});
  if (name == "Clip" && parameters.size() == 2)
    return b.add(name, {x, b.scalar(parameters[0]), b.scalar(parameters[1])});
  return std::nullopt;
}

bool output_activated(BodyBuilder& b, ValueId x, const std::vector<float>& parameters) {
  const auto y = activated(b, x, parameters);
  if (y) b.output(*y);
  return y.has_value();
}

// activation_alpha, activation_beta
std::vector<float> named_parameters(const BodyBuilder& b) {
  std::vector<float> parameters;
  for (const char* name : {"activation_alpha", "activation_beta"}) {
    if (b.node().find_attribute(name) == nullptr) break;
    parameters.push_back(b.node().float_or(name, 0.0F));
  }
  return parameters;
}

// The node's attributes that are also the plain operator's.
std::vector<Attribute> attributes_of(const BodyBuilder& b, std::initializer_list<std::string_view> names) {
  std::vector<Attribute> attributes;
  for (const std::string_view name : names) {
    if (const Attribute* attribute = b.node().find_attribute(name)) attributes.push_back(*attribute);
  }
  return attributes;
}

// An operand of FusedMatMul as MatMul takes it; kNoId where its rank is not known and matters.
ValueId operand(BodyBuilder& b, size_t i, const char* inner, const char* batch) {
  const bool turn = b.node().int_or(inner, 0) != 0, rotate = b.node().int_or(batch, 0) != 0;
  if (!turn && !rotate) return b.input(i);
  const int64_t rank = b.rank(i);
  if (rank < 0) return kNoId;
  std::vector<int64_t> order;
  for (int64_t axis = 0; axis < rank; ++axis) order.push_back(axis);
  if (rotate && rank > 2) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (turn && rank > 1) std::swap(order[order.size() - 1], order[order.size() - 2]);
  return b.add("Transpose", {b.input(i)}, {{"perm", std::move(order)}});
}

ValueId fused_product(BodyBuilder& b) {
  const ValueId left = operand(b, 0, "transA", "transBatchA"), right = operand(b, 1, "transB", "transBatchB");
  if (left == kNoId || right == kNoId) return kNoId;
  const ValueId product = b.add("MatMul", {left, right});
  const float alpha = b.node().float_or("alpha", 1.0F);
  return alpha == 1.0F ? product : b.add("Mul", {product, b.scalar(alpha)});
}

}  // namespace

bool ms_bias_add(BodyBuilder& b) {
  b.output(sum_of(b, {0, 1, 2}));
  return true;
}

bool ms_bias_gelu(BodyBuilder& b) {
  b.output(b.add("Gelu", {sum_of(b, {0, 1})}));
  return true;
}

bool ms_fast_gelu(BodyBuilder& b) {
  b.output(fast_gelu_of(b, sum_of(b, {0, 1})));
  return true;
}

bool ms_gemm_fast_gelu(BodyBuilder& b) {
  ValueId x = b.add("MatMul", {b.input(0), b.input(1)});
  if (b.has_input(2)) x = b.add("Add", {x, b.input(2)});
  b.output(fast_gelu_of(b, x));
  return true;
}

// (x + bias) cut in two along the last dim: first * gelu(second)
bool ms_bias_split_gelu(BodyBuilder& b) {
  const auto halves =
      b.add_several(2, "Split", {sum_of(b, {0, 1})}, {{"axis", int64_t{-1}}, {"num_outputs", int64_t{2}}});
  b.output(b.add("Mul", {halves[0], b.add("Gelu", {halves[1]})}));
  return true;
}

bool ms_fused_matmul(BodyBuilder& b) {
  const ValueId product = fused_product(b);
  if (product != kNoId) b.output(product);
  return product != kNoId;
}

bool ms_fused_matmul_activation(BodyBuilder& b) {
  const ValueId product = fused_product(b);
  return product != kNoId && output_activated(b, product, named_parameters(b));
}

bool ms_fused_gemm(BodyBuilder& b) {
  std::vector<ValueId> inputs{b.input(0), b.input(1)};
  if (b.has_input(2)) inputs.push_back(b.input(2));
  const ValueId y = b.add("Gemm", std::move(inputs), attributes_of(b, {"alpha", "beta", "transA", "transB"}));
  return output_activated(b, y, named_parameters(b));
}

// X, W, B, and Z that is added before the activation.
bool ms_fused_conv(BodyBuilder& b) {
  std::vector<ValueId> inputs{b.input(0), b.input(1)};
  if (b.has_input(2)) inputs.push_back(b.input(2));
  ValueId y = b.add("Conv", std::move(inputs),
                    attributes_of(b, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}));
  if (b.has_input(3)) y = b.add("Add", {y, b.input(3)});
  std::vector<float> parameters;
  if (const Attribute* list = b.node().find_attribute("activation_params")) {
    if (const auto* floats = std::get_if<std::vector<float>>(&list->value)) parameters = *floats;
  }
  return output_activated(b, y, parameters);
}

// input, skip, gamma, beta, bias -> normalized, mean, inverse deviation, the sum
bool ms_skip_layer_normalization(BodyBuilder& b) {
  const ValueId sum = sum_of(b, {0, 1, 4});
  std::vector<ValueId> inputs{sum, b.input(2)};
  if (b.has_input(3)) inputs.push_back(b.input(3));
  const bool statistics = b.wants(1) || b.wants(2);
  const auto outputs =
      b.add_several(statistics ? 3 : 1, "LayerNormalization", std::move(inputs),
                    {{"axis", int64_t{-1}}, {"epsilon", b.node().float_or("epsilon", kEpsilon)}});
  b.output(outputs[0]);
  for (size_t i = 1; i < 3 && i < b.node().outputs.size(); ++i) b.output(statistics ? outputs[i] : kNoId);
  if (b.node().outputs.size() > 3) b.output(sum);
  return true;
}

// input, skip, gamma, bias -> normalized, nothing, inverse root of the mean square, the sum
bool ms_skip_simplified_layer_normalization(BodyBuilder& b) {
  if (b.wants(1)) return false;
  const ValueId sum = sum_of(b, {0, 1, 3});
  const std::vector<Attribute> attributes{{"axis", int64_t{-1}},
                                          {"epsilon", b.node().float_or("epsilon", kEpsilon)}};
  b.output(b.add("RMSNormalization", {sum, b.input(2)}, attributes));
  if (b.node().outputs.size() > 1) b.output(kNoId);
  if (b.node().outputs.size() > 2) {
    ValueId inverse = kNoId;
    if (b.wants(2)) {
      const ValueId x = b.add("Cast", {sum}, {{"to", int64_t{1}}});
      const ValueId square = b.add("ReduceMean", {b.add("Mul", {x, x}), b.ints({-1})});
      const ValueId raised = b.add("Add", {square, b.float_scalar(b.node().float_or("epsilon", kEpsilon))});
      inverse = b.add("Reciprocal", {b.add("Sqrt", {raised})});
    }
    b.output(inverse);
  }
  if (b.node().outputs.size() > 3) b.output(sum);
  return true;
}

// Word, segment, the tables of words, positions and segments, gamma, beta, mask, positions.
bool ms_embed_layer_normalization(BodyBuilder& b) {
  ValueId place = kNoId;
  if (b.has_input(8)) {
    place = b.add("Gather", {b.input(3), b.input(8)});
  } else {
    const ValueId length = b.add("Shape", {b.input(0)}, {{"start", int64_t{1}}, {"end", int64_t{2}}});
    place = b.add("Slice", {b.input(3), b.ints({0}), length, b.ints({0})});
  }
  ValueId sum = b.add("Add", {b.add("Gather", {b.input(2), b.input(0)}), place});
  if (b.has_input(1) && b.has_input(4)) sum = b.add("Add", {sum, b.add("Gather", {b.input(4), b.input(1)})});
  b.output(b.add("LayerNormalization", {sum, b.input(5), b.input(6)},
                 {{"axis", int64_t{-1}}, {"epsilon", b.node().float_or("epsilon", kEpsilon)}}));
  if (b.node().outputs.size() > 1) {
    ValueId lengths = kNoId;
    if (b.wants(1)) {
      const std::vector<Attribute> flat{{"keepdims", int64_t{0}}};
      lengths = b.has_input(7)
                    ? b.add("ReduceSum", {b.input(7), b.ints({1})}, flat)
                    : b.add("ReduceSum", {b.add("Sub", {b.input(0), b.input(0)}), b.ints({1})}, flat);
    }
    b.output(lengths);
  }
  if (b.node().outputs.size() > 2) b.output(sum);
  return true;
}

// x: [N, H, W, C], or [N, C, H, W] with channels_last = 0; activation 1 is x * sigmoid(x).
bool ms_group_norm(BodyBuilder& b) {
  if (b.rank(0) != 4) return false;
  const bool last = b.node().int_or("channels_last", 1) != 0;
  const auto turned = [&](ValueId x, std::vector<int64_t> order) {
    return last ? b.add("Transpose", {x}, {{"perm", std::move(order)}}) : x;
  };
  const auto like_x = [&](size_t i) {
    return b.element(i) == b.element(0) ? b.input(i) : b.add("CastLike", {b.input(i), b.input(0)});
  };
  ValueId y =
      b.add("GroupNormalization", {turned(b.input(0), {0, 3, 1, 2}), like_x(1), like_x(2)},
            {{"num_groups", b.node().int_or("groups", 1)}, {"epsilon", b.node().float_or("epsilon", 1e-5F)}});
  if (b.node().int_or("activation", 0) != 0) y = b.add("Mul", {y, b.add("Sigmoid", {y})});
  b.output(turned(y, {0, 2, 3, 1}));
  return true;
}

// A [..., K] by W [N, K], whose entries lie as `bits` wide numbers, lowest first, in blocks that have a scale
// and a zero point each.
bool ms_matmul_nbits(BodyBuilder& b) {
  const int64_t bits = b.node().int_or("bits", 4), block = b.node().int_or("block_size", 0);
  const int64_t inner = b.node().int_or("K", 0), rows = b.node().int_or("N", 0);
  const bool fits = (bits == 2 || bits == 4 || bits == 8) && block > 0 && inner > 0 && rows > 0;
  if (!fits || b.has_input(4) || b.node().int_or("weight_prepacked", 0) != 0) return false;
  const int64_t blocks = (inner + block - 1) / block;
  const auto byte = [&](uint8_t value) {
    return b.tensor(Tensor::copy_of(ElementType::kUint8, {}, std::as_bytes(std::span(&value, 1))));
  };
  // [N, bytes] as [N, bytes * 8 / bits]
  const auto unpacked = [&](ValueId packed) {
    if (bits == 8) return packed;
    std::vector<ValueId> pieces;
    for (int64_t shift = 0; shift < 8; shift += bits) {
      const ValueId moved = shift == 0 ? packed
                                       : b.add("BitShift", {packed, byte(static_cast<uint8_t>(shift))},
                                               {{"direction", std::string("RIGHT")}});
      const ValueId low = b.add("BitwiseAnd", {moved, byte(static_cast<uint8_t>((1 << bits) - 1))});
      pieces.push_back(b.add("Unsqueeze", {low, b.ints({-1})}));
    }
    return b.add("Reshape", {b.add("Concat", std::move(pieces), {{"axis", int64_t{-1}}}), b.ints({rows, -1})});
  };
  const auto per_block = [&](ValueId x) { return b.add("Reshape", {x, b.ints({rows, blocks, 1})}); };
  const ValueId packed = b.add("Reshape", {b.input(1), b.ints({rows, -1})});
  const ValueId whole = b.add("Reshape", {unpacked(packed), b.ints({rows, blocks, block})});
  const ValueId numbers = b.add("CastLike", {whole, b.input(2)});
  ValueId zero = b.scalar(static_cast<float>(1 << (bits - 1)), 2);
  if (b.has_input(3)) {
    zero = b.input(3);
    if (b.element(3) == ElementType::kUint8) {
      const ValueId all = unpacked(b.add("Reshape", {zero, b.ints({rows, -1})}));
      const ValueId cut = b.add("Slice", {all, b.ints({0}), b.ints({blocks}), b.ints({1})});
      zero = b.add("CastLike", {cut, b.input(2)});
    }
    zero = per_block(zero);
  }
  const ValueId scaled = b.add("Mul", {b.add("Sub", {numbers, zero}), per_block(b.input(2))});
  const ValueId weights = b.add(
      "Slice", {b.add("Reshape", {scaled, b.ints({rows, -1})}), b.ints({0}), b.ints({inner}), b.ints({1})});
  const ValueId turned = b.add("Transpose", {weights}, {{"perm", std::vector<int64_t>{1, 0}}});
  const ValueId y = b.add("MatMul", {b.input(0), turned});
  b.output(b.has_input(5) ? b.add("Add", {y, b.input(5)}) : y);
  return true;
}

}  // namespace bp::bodies
