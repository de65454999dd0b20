// Quantized operators of com.microsoft: dequantized, computed, quantized again; products of matrices in
// integers. By ONNX Runtime's description of its operators (ContribOperators.md).
#include <algorithm>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

constexpr int64_t kFloat32 = 1;

// Of the inputs with these numbers; the zero point may be left out.
ValueId dequantized(BodyBuilder& b, size_t x, size_t scale, size_t zero) {
  std::vector<ValueId> inputs{b.input(x), b.input(scale)};
  if (b.has_input(zero)) inputs.push_back(b.input(zero));
  return b.add("DequantizeLinear", std::move(inputs));
}

// The output, of the type of input `like` where no zero point says it.
void output_quantized(BodyBuilder& b, ValueId x, size_t scale, size_t zero, size_t like = 0) {
  if (b.has_input(zero)) {
    b.output(b.add("QuantizeLinear", {x, b.input(scale), b.input(zero)}));
  } else {
    b.output(b.add("QuantizeLinear", {x, b.input(scale)},
                   {{"output_dtype", static_cast<int64_t>(b.element(like))}}));
  }
}

// The node's attributes but for those named.
std::vector<Attribute> attributes_without(const BodyBuilder& b, std::initializer_list<std::string_view> names) {
  std::vector<Attribute> attributes;
  for (const Attribute& attribute : b.node().attributes) {
    if (std::find(names.begin(), names.end(), attribute.name) == names.end()) attributes.push_back(attribute);
  }
  return attributes;
}

bool binary(BodyBuilder& b, std::string_view op_type) {
  const ValueId left = dequantized(b, 0, 1, 2);
  output_quantized(b, b.add(op_type, {left, dequantized(b, 3, 4, 5)}), 6, 7);
  return true;
}

bool unary(BodyBuilder& b, std::string_view op_type, std::vector<Attribute> attributes = {}) {
  output_quantized(b, b.add(op_type, {dequantized(b, 0, 1, 2)}, std::move(attributes)), 3, 4);
  return true;
}

// Between [N, spatial..., C] and [N, C, spatial...].
ValueId channels_moved(BodyBuilder& b, ValueId x, int64_t rank, bool to_front) {
  std::vector<int64_t> order{0};
  if (to_front) order.push_back(rank - 1);
  for (int64_t axis = to_front ? 1 : 2; axis < rank - (to_front ? 1 : 0); ++axis) order.push_back(axis);
  if (!to_front) order.push_back(1);
  return b.add("Transpose", {x}, {{"perm", std::move(order)}});
}

bool channels_last(const BodyBuilder& b) { return b.node().int_or("channels_last", 0) != 0; }

// a * b in integers, as float32.
ValueId integer_product(BodyBuilder& b, ValueId left, ValueId left_zero, ValueId right, ValueId right_zero,
                        ValueId addend = kNoId) {
  std::vector<ValueId> inputs{left, right};
  if (left_zero != kNoId || right_zero != kNoId) inputs.push_back(left_zero);
  if (right_zero != kNoId) inputs.push_back(right_zero);
  ValueId sums = b.add("MatMulInteger", std::move(inputs));
  if (addend != kNoId) sums = b.add("Add", {sums, addend});
  return b.add("Cast", {sums}, {{"to", kFloat32}});
}

ValueId turned(BodyBuilder& b, size_t input, const char* flag) {
  if (b.node().int_or(flag, 0) == 0) return b.input(input);
  return b.add("Transpose", {b.input(input)}, {{"perm", std::vector<int64_t>{1, 0}}});
}

}  // namespace

// A, A_scale, A_zero, B, B_scale, B_zero, C_scale, C_zero
bool ms_qlinear_add(BodyBuilder& b) { return binary(b, "Add"); }
bool ms_qlinear_mul(BodyBuilder& b) { return binary(b, "Mul"); }

// X, X_scale, X_zero, Y_scale, Y_zero
bool ms_qlinear_sigmoid(BodyBuilder& b) { return unary(b, "Sigmoid"); }

bool ms_qlinear_leaky_relu(BodyBuilder& b) {
  return unary(b, "LeakyRelu", {{"alpha", b.node().float_or("alpha", 0.01F)}});
}

bool ms_qlinear_reduce_mean(BodyBuilder& b) {
  const std::vector<int64_t>* axes = b.node().ints("axes");
  if (axes == nullptr) return false;
  const ValueId mean = b.add("ReduceMean", {dequantized(b, 0, 1, 2), b.ints(*axes)},
                             {{"keepdims", b.node().int_or("keepdims", 1)}});
  output_quantized(b, mean, 3, 4);
  return true;
}

bool ms_qlinear_global_average_pool(BodyBuilder& b) {
  if (!channels_last(b)) return unary(b, "GlobalAveragePool");
  const int64_t rank = b.rank(0);
  if (rank < 3) return false;
  std::vector<int64_t> axes;
  for (int64_t axis = 1; axis < rank - 1; ++axis) axes.push_back(axis);
  output_quantized(b, b.add("ReduceMean", {dequantized(b, 0, 1, 2), b.ints(axes)}), 3, 4);
  return true;
}

bool ms_qlinear_average_pool(BodyBuilder& b) {
  auto attributes = attributes_without(b, {"channels_last"});
  if (!channels_last(b)) return unary(b, "AveragePool", std::move(attributes));
  const int64_t rank = b.rank(0);
  if (rank < 3) return false;
  const ValueId x = channels_moved(b, dequantized(b, 0, 1, 2), rank, true);
  const ValueId pooled = b.add("AveragePool", {x}, std::move(attributes));
  output_quantized(b, channels_moved(b, pooled, rank, false), 3, 4);
  return true;
}

// Before opset 13 a softmax goes over all axes from `axis` on, as one.
bool ms_qlinear_softmax(BodyBuilder& b) {
  const int64_t axis = b.node().int_or("axis", -1);
  const int64_t rank = b.rank(0);
  const bool one_axis = b.node().int_or("opset", 13) >= 13 || axis == -1 || axis == rank - 1;
  if (one_axis) return unary(b, "Softmax", {{"axis", axis}});
  const ValueId x = dequantized(b, 0, 1, 2);
  const ValueId rows = b.add("Softmax", {b.add("Flatten", {x}, {{"axis", axis}})}, {{"axis", int64_t{-1}}});
  output_quantized(b, b.add("Reshape", {rows, b.add("Shape", {x})}), 3, 4);
  return true;
}

// Y_scale, Y_zero, then (x, scale, zero) for every part.
bool ms_qlinear_concat(BodyBuilder& b) {
  std::vector<ValueId> parts;
  for (size_t i = 2; i + 2 < b.node().inputs.size(); i += 3) parts.push_back(dequantized(b, i, i + 1, i + 2));
  if (parts.empty()) return false;
  const ValueId joined = b.add("Concat", std::move(parts), {{"axis", b.node().int_or("axis", 0)}});
  output_quantized(b, joined, 0, 1, 2);
  return true;
}

// condition, X, x_scale, x_zero, Y, y_scale, y_zero, z_scale, z_zero
bool ms_qlinear_where(BodyBuilder& b) {
  const ValueId yes = dequantized(b, 1, 2, 3);
  output_quantized(b, b.add("Where", {b.input(0), yes, dequantized(b, 4, 5, 6)}), 7, 8, 1);
  return true;
}

// The standard's QLinearConv, on tensors whose channels may lie last.
bool ms_qlinear_conv(BodyBuilder& b) {
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < b.node().inputs.size(); ++i) inputs.push_back(b.optional_input(i));
  auto attributes = attributes_without(b, {"channels_last"});
  const int64_t rank = b.rank(0);
  if (channels_last(b)) {
    if (rank < 3) return false;
    inputs[0] = channels_moved(b, inputs[0], rank, true);
  }
  const ValueId y = b.add("QLinearConv", std::move(inputs), std::move(attributes));
  b.output(channels_last(b) ? channels_moved(b, y, rank, false) : y);
  return true;
}

// A, a_scale, a_zero, B, b_scale, b_zero, C (int32, of scale a_scale * b_scale), y_scale, y_zero; float without
// y_scale.
bool ms_qgemm(BodyBuilder& b) {
  const ValueId left = turned(b, 0, "transA");
  const ValueId sums =
      integer_product(b, left, b.input(2), turned(b, 3, "transB"), b.input(5), b.optional_input(6));
  ValueId scale = b.add("Mul", {b.input(1), b.input(4)});
  const float alpha = b.node().float_or("alpha", 1.0F);
  if (alpha != 1.0F) scale = b.add("Mul", {scale, b.float_scalar(alpha)});
  const ValueId y = b.add("Mul", {sums, scale});
  if (b.has_input(7)) {
    output_quantized(b, y, 7, 8);
  } else {
    b.output(y);
  }
  return true;
}

// A (float), B, b_scale, b_zero, bias: A is quantized by its own range first.
bool ms_dynamic_quantize_matmul(BodyBuilder& b) {
  const auto a = b.add_several(3, "DynamicQuantizeLinear", {b.input(0)});
  const ValueId sums = integer_product(b, a[0], a[2], b.input(1), b.optional_input(3));
  const ValueId y = b.add("Mul", {sums, b.add("Mul", {a[1], b.input(2)})});
  b.output(b.has_input(4) ? b.add("Add", {y, b.input(4)}) : y);
  return true;
}

// A, B, a_scale, b_scale, a_zero, b_zero, bias
bool ms_matmul_integer_to_float(BodyBuilder& b) {
  if (b.element(2) != ElementType::kFloat32) return false;
  const ValueId sums = integer_product(b, b.input(0), b.optional_input(4), b.input(1), b.optional_input(5));
  const ValueId y = b.add("Mul", {sums, b.add("Mul", {b.input(2), b.input(3)})});
  b.output(b.has_input(6) ? b.add("Add", {y, b.input(6)}) : y);
  return true;
}

}  // namespace bp::bodies
