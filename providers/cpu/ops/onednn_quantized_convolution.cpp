// QLinearConv as one primitive of oneDNN: bias, scale, rounding and zero point in it, and what is added as its
// sum.
#include <optional>

#include "byte_products.hpp"
#include "kernels/quantize.hpp"
#include "ops/byte_convolution.hpp"
#include "ops/quantized_convolution.hpp"

namespace bp::cpu {

namespace {

// From scaled sums to the output: rounded, then with the zero point, as the standard has it.
bool attributes_for(const ConvolutionNumbers& numbers, const ResidualAdd* residual, Type type,
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

}  // namespace

bool onednn_quantized_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                                  QuantizedConvolution found) {
  const std::vector<int64_t> bias_of_node =
      b.has_input(at.bias) ? b.needed_value(at.bias).ints() : std::vector<int64_t>();
  if (adds_beyond_32_bits(bias_of_node, shapes.depth())) return false;
  ByteConvolution convolution;
  if (!byte_convolution(b, at, shapes, found.numbers.x_zero == 0, &convolution)) return false;
  const Type type = b.output_type(0);
  const auto dst = layout_desc(shapes.dims, type, Layout::kChannelsLast);
  const auto bias = plain_desc({shapes.all_channels()}, Type::kInt32);
  Primitive primitive;
  const auto describe = [&] {
    dnnl::primitive_attr attributes;
    return attributes_for(found.numbers, found.residual ? &*found.residual : nullptr, type, &attributes) &&
           describe_bytes(convolution, &bias, dst, attributes, &primitive);
  };
  if (found.residual && !describe()) found.residual.reset();
  if (!found.residual && !describe()) return false;

  OnednnStep step(b);
  step.add(DNNL_ARG_SRC, convolution.src, padded_source(b, at, shapes, convolution.padded));
  step.add(DNNL_ARG_WEIGHTS, primitive.weights,
           packed_weights(b, at, plain_desc(convolution.weights, Type::kInt8), primitive.weights));
  step.add(DNNL_ARG_BIAS, bias, whole_bias(b, at, shapes, static_cast<int32_t>(found.numbers.x_zero)));
  const std::vector<uint32_t> nodes = quantized_nodes(b, found);
  step.add(DNNL_ARG_DST, dst, quantized_output(b, shapes, found));
  step.finish(primitive, quantized_name(b, found), nodes);
  return true;
}

}  // namespace bp::cpu
