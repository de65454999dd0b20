// Bodies of ours, by the operators' specifications. Values are in the type of the first input unless said
// otherwise.
#include "ops/bodies/bodies.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>

#include "ops/bodies/families.hpp"
#include "ops/bodies/optimizers.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

using namespace bodies;

int64_t axis_of(const BodyBuilder& b, int64_t fallback) {
  const int64_t axis = b.node().int_or("axis", fallback);
  return axis < 0 && b.rank(0) >= 0 ? axis + b.rank(0) : axis;
}

// 0.5 x (1 + erf(x / sqrt 2)), or 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
bool gelu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  ValueId inner = kNoId;
  if (b.node().string_or("approximate", "none") == "tanh") {
    const ValueId cube = b.add("Mul", {b.add("Mul", {x, x}), x});
    const ValueId sum = b.add("Add", {x, b.add("Mul", {cube, b.scalar(0.044715F)})});
    inner = b.add("Tanh", {b.add("Mul", {sum, b.scalar(0.7978845608F)})});
  } else {
    inner = b.add("Erf", {b.add("Mul", {x, b.scalar(0.7071067812F)})});
  }
  const ValueId half = b.add("Mul", {x, b.scalar(0.5F)});
  b.output(b.add("Mul", {half, b.add("Add", {inner, b.scalar(1.0F)})}));
  return true;
}

bool mish(BodyBuilder& b) {
  const ValueId x = b.input(0);
  b.output(b.add("Mul", {x, b.add("Tanh", {b.add("Softplus", {x})})}));
  return true;
}

bool swish(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const float alpha = b.node().float_or("alpha", 1.0F);
  const ValueId scaled = alpha == 1.0F ? x : b.add("Mul", {x, b.scalar(alpha)});
  b.output(b.add("Mul", {x, b.add("Sigmoid", {scaled})}));
  return true;
}

bool swiglu(BodyBuilder& b) {
  const ValueId gate = b.add("Swish", {b.input(0)}, {{"alpha", b.node().float_or("alpha", 1.0F)}});
  b.output(b.add("Mul", {gate, b.input(1)}));
  return true;
}

bool hard_swish(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const ValueId gate = b.add("HardSigmoid", {x}, {{"alpha", 1.0F / 6.0F}, {"beta", 0.5F}});
  b.output(b.add("Mul", {x, gate}));
  return true;
}

bool hard_sigmoid(BodyBuilder& b) {
  const ValueId line = b.add("Mul", {b.input(0), b.scalar(b.node().float_or("alpha", 0.2F))});
  const ValueId raised = b.add("Add", {line, b.scalar(b.node().float_or("beta", 0.5F))});
  b.output(b.add("Max", {b.scalar(0.0F), b.add("Min", {b.scalar(1.0F), raised})}));
  return true;
}

// `below` where x < limit, x elsewhere.
void output_where_below(BodyBuilder& b, float limit, ValueId below, ValueId otherwise) {
  b.output(b.add("Where", {b.add("Less", {b.input(0), b.scalar(limit)}), below, otherwise}));
}

bool leaky_relu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  output_where_below(b, 0.0F, b.add("Mul", {x, b.scalar(b.node().float_or("alpha", 0.01F))}), x);
  return true;
}

bool prelu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  output_where_below(b, 0.0F, b.add("Mul", {x, b.input(1)}), x);
  return true;
}

bool elu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const ValueId curve = b.add("Sub", {b.add("Exp", {x}), b.scalar(1.0F)});
  output_where_below(b, 0.0F, b.add("Mul", {curve, b.scalar(b.node().float_or("alpha", 1.0F))}), x);
  return true;
}

bool selu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const ValueId curve = b.add("Sub", {b.add("Exp", {x}), b.scalar(1.0F)});
  const ValueId gamma = b.scalar(b.node().float_or("gamma", 1.05070102214813232421875F));
  const ValueId below = b.add("Mul", {curve, b.scalar(b.node().float_or("alpha", 1.67326319217681884765625F))});
  output_where_below(b, 0.0F, b.add("Mul", {below, gamma}), b.add("Mul", {x, gamma}));
  return true;
}

bool thresholded_relu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const ValueId above = b.add("Greater", {x, b.scalar(b.node().float_or("alpha", 1.0F))});
  b.output(b.add("Where", {above, x, b.scalar(0.0F)}));
  return true;
}

bool softsign(BodyBuilder& b) {
  const ValueId x = b.input(0);
  b.output(b.add("Div", {x, b.add("Add", {b.add("Abs", {x}), b.scalar(1.0F)})}));
  return true;
}

// The reduction `inner` of `x` with the node's axes and switches.
ValueId reduced(BodyBuilder& b, const char* inner, ValueId x) {
  std::vector<ValueId> inputs{x};
  if (b.has_input(1)) inputs.push_back(b.input(1));
  return b.add(inner, std::move(inputs),
               {{"keepdims", b.node().int_or("keepdims", 1)},
                {"noop_with_empty_axes", b.node().int_or("noop_with_empty_axes", 0)}});
}

bool reduce_l1(BodyBuilder& b) {
  b.output(reduced(b, "ReduceSum", b.add("Abs", {b.input(0)})));
  return true;
}
bool reduce_sum_square(BodyBuilder& b) {
  b.output(reduced(b, "ReduceSum", b.add("Mul", {b.input(0), b.input(0)})));
  return true;
}
bool reduce_l2(BodyBuilder& b) {
  const ElementType element = b.element(0);
  if (element != ElementType::kFloat32 && element != ElementType::kFloat64) return false;
  b.output(b.add("Sqrt", {reduced(b, "ReduceSum", b.add("Mul", {b.input(0), b.input(0)}))}));
  return true;
}
bool reduce_log_sum(BodyBuilder& b) {
  b.output(b.add("Log", {reduced(b, "ReduceSum", b.input(0))}));
  return true;
}

bool softmax_by(BodyBuilder& b, bool logarithm) {
  const ValueId x = b.input(0);
  const ValueId axes = b.ints({b.node().int_or("axis", -1)});
  const ValueId shifted = b.add("Sub", {x, b.add("ReduceMax", {x, axes})});
  const ValueId exponent = b.add("Exp", {shifted});
  const ValueId sum = b.add("ReduceSum", {exponent, axes});
  b.output(logarithm ? b.add("Sub", {shifted, b.add("Log", {sum})}) : b.add("Div", {exponent, sum}));
  return true;
}
bool softmax(BodyBuilder& b) { return softmax_by(b, false); }
bool log_softmax(BodyBuilder& b) { return softmax_by(b, true); }

// Statistics in stash_type over the axes from `axis` on.
bool layer_normalization(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t axis = axis_of(b, -1);
  if (rank < 1 || axis < 0 || axis >= rank) return false;
  std::vector<int64_t> axes(static_cast<size_t>(rank - axis));
  std::iota(axes.begin(), axes.end(), axis);
  const int64_t stash = b.node().int_or("stash_type", 1);
  const bool widen = static_cast<int64_t>(b.element(0)) != stash;
  const ValueId x = widen ? b.add("Cast", {b.input(0)}, {{"to", stash}}) : b.input(0);
  const ValueId reduced_axes = b.ints(axes);
  const ValueId mean = b.add("ReduceMean", {x, reduced_axes});
  const ValueId centred = b.add("Sub", {x, mean});
  const ValueId variance = b.add("ReduceMean", {b.add("Mul", {centred, centred}), reduced_axes});
  ValueId epsilon = b.scalar(b.node().float_or("epsilon", 1e-5F));
  if (widen) epsilon = b.add("CastLike", {epsilon, x});
  const ValueId deviation = b.add("Sqrt", {b.add("Add", {variance, epsilon})});
  ValueId y = b.add("Div", {centred, deviation});
  if (widen) y = b.add("CastLike", {y, b.input(0)});
  y = b.add("Mul", {y, b.input(1)});
  if (b.has_input(2)) y = b.add("Add", {y, b.input(2)});
  b.output(y);
  if (b.node().outputs.size() > 1) b.output(mean);
  if (b.node().outputs.size() > 2) b.output(b.add("Reciprocal", {deviation}));
  return true;
}

bool rms_normalization(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t axis = axis_of(b, -1);
  if (rank < 1 || axis < 0 || axis >= rank) return false;
  std::vector<int64_t> axes(static_cast<size_t>(rank - axis));
  std::iota(axes.begin(), axes.end(), axis);
  const int64_t stash = b.node().int_or("stash_type", 1);
  const bool widen = static_cast<int64_t>(b.element(0)) != stash;
  const ValueId x = widen ? b.add("Cast", {b.input(0)}, {{"to", stash}}) : b.input(0);
  const ValueId square = b.add("ReduceMean", {b.add("Mul", {x, x}), b.ints(axes)});
  ValueId epsilon = b.scalar(b.node().float_or("epsilon", 1e-5F));
  if (widen) epsilon = b.add("CastLike", {epsilon, x});
  const ValueId deviation = b.add("Sqrt", {b.add("Add", {square, epsilon})});
  ValueId y = b.add("Div", {x, deviation});
  if (widen) y = b.add("CastLike", {y, b.input(0)});
  b.output(b.add("Mul", {y, b.input(1)}));
  // ONNX Runtime's SimplifiedLayerNormalization gives this too.
  if (b.node().outputs.size() > 1) b.output(b.add("Reciprocal", {deviation}));
  return true;
}

// [N, C, ...] as [N, G, rest]: normalized per group, then scaled and shifted per channel.
bool group_normalization(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t groups = b.node().int_or("num_groups", 1);
  if (rank < 3 || b.element(0) != ElementType::kFloat32) return false;
  const ValueId x = b.input(0);
  const ValueId dims = b.add("Shape", {x});
  const ValueId grouped = b.add("Reshape", {x, b.ints({0, groups, -1})});
  const ValueId axes = b.ints({2});
  const ValueId centred = b.add("Sub", {grouped, b.add("ReduceMean", {grouped, axes})});
  const ValueId variance = b.add("ReduceMean", {b.add("Mul", {centred, centred}), axes});
  const ValueId epsilon = b.scalar(b.node().float_or("epsilon", 1e-5F));
  const ValueId normal = b.add("Div", {centred, b.add("Sqrt", {b.add("Add", {variance, epsilon})})});
  const ValueId back = b.add("Reshape", {normal, dims});
  std::vector<int64_t> per_channel(static_cast<size_t>(rank - 1), 1);
  per_channel[0] = -1;
  const ValueId target = b.ints(per_channel);
  const ValueId scaled = b.add("Mul", {back, b.add("Reshape", {b.input(1), target})});
  b.output(b.add("Add", {scaled, b.add("Reshape", {b.input(2), target})}));
  return true;
}

struct Entry {
  std::string_view op_type;
  int32_t since_version;
  BuildBody build;
};

// Domain ai.onnx.preview.training, sorted.
constexpr Entry kTrainingBodies[] = {
    {"Adagrad", 1, adagrad},
    {"Adam", 1, adam},
    {"Momentum", 1, momentum},
};

// Sorted by operator.
constexpr Entry kBodies[] = {
    {"Attention", 23, attention},
    {"CastLike", 15, cast_like},
    {"DepthToSpace", 13, depth_to_space},
    {"DequantizeLinear", 10, dequantize_linear},
    {"Dropout", 12, dropout},
    {"Einsum", 12, einsum},
    {"Elu", 6, elu},
    {"Gelu", 20, gelu},
    {"GroupNormalization", 21, group_normalization},
    {"HardSigmoid", 6, hard_sigmoid},
    {"HardSwish", 14, hard_swish},
    {"InstanceNormalization", 6, instance_normalization},
    {"LayerNormalization", 17, layer_normalization},
    {"LeakyRelu", 6, leaky_relu},
    {"LogSoftmax", 13, log_softmax},
    {"Mish", 18, mish},
    {"OneHot", 9, one_hot},
    {"PRelu", 7, prelu},
    {"QLinearConv", 10, qlinear_conv},
    {"QLinearMatMul", 10, qlinear_matmul},
    {"QuantizeLinear", 10, quantize_linear},
    {"RMSNormalization", 23, rms_normalization},
    {"ReduceL1", 18, reduce_l1},
    {"ReduceL2", 18, reduce_l2},
    {"ReduceLogSum", 18, reduce_log_sum},
    {"ReduceSumSquare", 18, reduce_sum_square},
    {"RotaryEmbedding", 23, rotary_embedding},
    {"STFT", 17, stft},
    {"Selu", 6, selu},
    {"SimplifiedLayerNormalization", 1, rms_normalization},
    {"Softmax", 13, softmax},
    {"Softsign", 1, softsign},
    {"SpaceToDepth", 13, space_to_depth},
    {"SwiGLU", 28, swiglu},
    {"Swish", 24, swish},
    {"TensorScatter", 24, tensor_scatter},
    {"ThresholdedRelu", 10, thresholded_relu},
    {"Trilu", 14, trilu},
};

// Domain com.microsoft, sorted as well.
constexpr Entry kMicrosoftBodies[] = {
    {"Attention", 1, ms_attention},
    {"BiasAdd", 1, ms_bias_add},
    {"BiasGelu", 1, ms_bias_gelu},
    {"BiasSplitGelu", 1, ms_bias_split_gelu},
    {"DynamicQuantizeMatMul", 1, ms_dynamic_quantize_matmul},
    {"EmbedLayerNormalization", 1, ms_embed_layer_normalization},
    {"FastGelu", 1, ms_fast_gelu},
    {"FusedConv", 1, ms_fused_conv},
    {"FusedGemm", 1, ms_fused_gemm},
    {"FusedMatMul", 1, ms_fused_matmul},
    {"FusedMatMulActivation", 1, ms_fused_matmul_activation},
    {"GemmFastGelu", 1, ms_gemm_fast_gelu},
    {"GroupNorm", 1, ms_group_norm},
    {"GroupQueryAttention", 1, ms_group_query_attention},
    {"MatMulIntegerToFloat", 1, ms_matmul_integer_to_float},
    {"MatMulNBits", 1, ms_matmul_nbits},
    {"MultiHeadAttention", 1, ms_multi_head_attention},
    {"QGemm", 1, ms_qgemm},
    {"QLinearAdd", 1, ms_qlinear_add},
    {"QLinearAveragePool", 1, ms_qlinear_average_pool},
    {"QLinearConcat", 1, ms_qlinear_concat},
    {"QLinearConv", 1, ms_qlinear_conv},
    {"QLinearGlobalAveragePool", 1, ms_qlinear_global_average_pool},
    {"QLinearLeakyRelu", 1, ms_qlinear_leaky_relu},
    {"QLinearMul", 1, ms_qlinear_mul},
    {"QLinearReduceMean", 1, ms_qlinear_reduce_mean},
    {"QLinearSigmoid", 1, ms_qlinear_sigmoid},
    {"QLinearSoftmax", 1, ms_qlinear_softmax},
    {"QLinearWhere", 1, ms_qlinear_where},
    {"RotaryEmbedding", 1, ms_rotary_embedding},
    {"SkipLayerNormalization", 1, ms_skip_layer_normalization},
    {"SkipSimplifiedLayerNormalization", 1, ms_skip_simplified_layer_normalization},
};

std::span<const Entry> bodies_of(std::string_view domain) {
  if (domain.empty()) return kBodies;
  if (domain == kMicrosoftDomain) return kMicrosoftBodies;
  if (domain == "ai.onnx.preview.training") return kTrainingBodies;
  return {};
}

}  // namespace

Result<std::unique_ptr<Graph>> build_body(const Node& node, const Graph& outer) {
  const std::string_view op_type = node.op_type;
  const auto less = [&](const Entry& entry) { return entry.op_type < op_type; };
  const std::span<const Entry> entries = bodies_of(node.domain);
  const auto entry = std::partition_point(entries.begin(), entries.end(), less);
  const bool found =
      entry != entries.end() && entry->op_type == op_type && entry->since_version <= node.since_version;
  if (!found) return std::unique_ptr<Graph>();
  BodyBuilder builder(node, outer);
  if (!entry->build(builder)) return std::unique_ptr<Graph>();
  return builder.take();
}

}  // namespace bp
