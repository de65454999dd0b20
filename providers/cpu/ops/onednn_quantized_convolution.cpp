// QLinearConv as one primitive of oneDNN: bias, scale, rounding and zero point in it, and a QLinearAdd behind
// it that adds what is there already. What is rounded and clipped between the nodes is so in here.
#include <algorithm>
#include <cmath>
#include <optional>

#include "byte_products.hpp"
#include "constants.hpp"
#include "kernels/quantize.hpp"
#include "ops/byte_convolution.hpp"
#include "ops/quantized_numbers.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

// Scales, bias and zero points, all of them constant.
struct Numbers {
  std::vector<float> scales;  // from sums to steps of the output; one, or one per channel
  float x_zero = 0;
  float y_scale = 1;
  float y_zero = 0;
};

bool read_numbers(const Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                  Numbers* numbers) {
  const auto of = [&](size_t input) { return constant_number(b, b.node().inputs[input]); };
  const auto x = of(at.scales.x), y = of(at.scales.y), x_zero = of(at.x_zero), y_zero = of(at.scales.y_zero);
  if (!x || !y || !x_zero || !y_zero || !b.is_constant(at.scales.w)) return false;
  if (b.has_input(at.bias) && !b.is_constant(at.bias)) return false;
  const bool has_bias = b.has_input(at.bias);
  if (adds_beyond_32_bits(has_bias ? b.needed_value(at.bias).ints() : std::vector<int64_t>(), shapes.depth())) {
    return false;
  }
  for (const double w : b.needed_value(at.scales.w).floats()) {
    numbers->scales.push_back(*x * static_cast<float>(w) / *y);
  }
  const auto count = static_cast<int64_t>(numbers->scales.size());
  if (count != 1 && count != shapes.all_channels()) return false;
  numbers->x_zero = *x_zero;
  numbers->y_scale = *y;
  numbers->y_zero = *y_zero;
  return true;
}

// A QLinearAdd that alone reads the convolution's output: C = quantized(A * a_scale + B * b_scale), A being
// that output less its zero point.
struct Residual {
  uint32_t node = BP_NONE;
  uint32_t other = BP_NONE;
  float a_scale = 1;
  float a_zero = 0;
  float b_scale = 1;
  float b_zero = 0;
  float scale = 1;
  float zero = 0;
};

std::optional<Residual> find_residual(const Builder& b, const Dims& dims) {
  const uint32_t made = b.node().outputs[0];
  const Value& value = b.graph().values[made];
  if (!b.options().fusion || value.output_uses > 0 || value.uses.size() != 1) return std::nullopt;
  const Node& node = b.graph().nodes[value.uses[0]];
  if (node.op_type != "QLinearAdd" || node.domain != kMicrosoftDomain || node.inputs.size() < 7) {
    return std::nullopt;
  }
  const size_t own = node.inputs[0] == made ? 0 : 3;
  Residual found;
  found.node = value.uses[0];
  found.other = node.inputs[3 - own];
  if (node.inputs[own] != made || !b.is_ready(found.other) || b.value_dims(found.other) != dims) {
    return std::nullopt;
  }
  const auto read = [&](size_t input, float* target) {
    if (input >= node.inputs.size() || node.inputs[input] == BP_NONE) return true;
    const auto one = constant_number(b, node.inputs[input]);
    if (one) *target = *one;
    return one.has_value();
  };
  const bool known = read(own + 1, &found.a_scale) && read(own + 2, &found.a_zero) &&
                     read(4 - own, &found.b_scale) && read(5 - own, &found.b_zero) && read(6, &found.scale) &&
                     read(7, &found.zero);
  if (!known || !b.may_overwrite(found.other, Layout::kChannelsLast, found.node)) return std::nullopt;
  return found;
}

// From scaled sums to the output: rounded, then with the zero point, as the standard has it.
bool attributes_for(const Numbers& numbers, const Residual* residual, Type type,
                    dnnl::primitive_attr* attributes) {
  using dnnl::algorithm;
  dnnl::post_ops ops;
  float zero = numbers.y_zero;
  if (residual != nullptr) {
    const IntegerRange range = integer_range(type);
    append_eltwise(ops, algorithm::eltwise_round, 0, 0);
    append_eltwise(ops, algorithm::eltwise_clip, static_cast<float>(range.low) - zero,
                   static_cast<float>(range.high) - zero);
    const float a = residual->a_scale / residual->scale;
    const float other = residual->b_scale / residual->scale;
    append_eltwise(ops, algorithm::eltwise_linear, a, (zero - residual->a_zero) * a - residual->b_zero * other);
    ops.append_sum(other);
    zero = residual->zero;
  }
  if (zero != 0) append_eltwise(ops, algorithm::eltwise_round, 0, 0);
  return quantizing_attributes(ops, numbers.scales, static_cast<int32_t>(zero), attributes);
}

// The bias, and what the input's zero point takes from every sum.
Builder::Ref whole_bias(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                        int32_t x_zero) {
  const auto id_of = [&](size_t input) { return b.graph().values[b.node().inputs[input]].constant_id; };
  const uint64_t id = id_of(at.w);
  const bool has_bias = b.has_input(at.bias);
  std::vector<int64_t> bias(static_cast<size_t>(shapes.all_channels()), 0);
  if (has_bias) bias = b.needed_value(at.bias).ints();
  Constants& constants = b.constants();
  const std::string key = text("bias/", id, "/", has_bias ? text(id_of(at.bias)) : "none", "/", x_zero);
  return b.packed_ref(key, bias.size() * sizeof(int32_t), [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& weights) {
      const std::vector<int32_t> sums = sums_of_channels(weights, shapes);
      for (size_t i = 0; i < sums.size(); ++i) {
        static_cast<int32_t*>(target)[i] = static_cast<int32_t>(bias[i] - int64_t{x_zero} * sums[i]);
      }
    });
  });
}

}  // namespace

bool onednn_quantized_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  Numbers numbers;
  if (!read_numbers(b, at, shapes, &numbers)) return false;
  ByteConvolution convolution;
  if (!byte_convolution(b, at, shapes, numbers.x_zero == 0, &convolution)) return false;
  const Type type = b.output_type(0);
  const auto dst = layout_desc(shapes.dims, type, Layout::kChannelsLast);
  const auto bias = plain_desc({shapes.all_channels()}, Type::kInt32);
  std::optional<Residual> residual = find_residual(b, shapes.dims);
  Primitive primitive;
  const auto describe = [&] {
    dnnl::primitive_attr attributes;
    return attributes_for(numbers, residual ? &*residual : nullptr, type, &attributes) &&
           describe_bytes(convolution, &bias, dst, attributes, &primitive);
  };
  if (residual && !describe()) residual.reset();
  if (!residual && !describe()) return false;

  OnednnStep step(b);
  step.add(DNNL_ARG_SRC, convolution.src, padded_source(b, at, shapes, convolution.padded));
  step.add(DNNL_ARG_WEIGHTS, primitive.weights,
           packed_weights(b, at, plain_desc(convolution.weights, Type::kInt8), primitive.weights));
  step.add(DNNL_ARG_BIAS, bias, whole_bias(b, at, shapes, static_cast<int32_t>(numbers.x_zero)));
  if (!residual) {
    step.add(DNNL_ARG_DST, dst, b.write(b.node().outputs[0], shapes.dims, Layout::kChannelsLast));
    step.finish(primitive, b.node().op_type, {b.node_index()});
    return true;
  }
  const uint32_t result = b.graph().nodes[residual->node].outputs[0];
  const Builder::Ref over = b.read(residual->other, Layout::kChannelsLast);
  step.add(DNNL_ARG_DST, dst, b.write_over(result, shapes.dims, Layout::kChannelsLast, over));
  b.absorb(residual->node);
  step.finish(primitive, b.node().op_type + "+QLinearAdd", {b.node_index(), residual->node});
  return true;
}

}  // namespace bp::cpu
