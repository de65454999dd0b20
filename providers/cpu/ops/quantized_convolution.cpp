// Scales, residuals and biases of QLinearConv, and the choice among the ways to do it.
#include "ops/quantized_convolution.hpp"

#include <algorithm>
#include <cmath>

#include "byte_products.hpp"
#include "constants.hpp"
#include "ops/byte_convolution.hpp"
#include "ops/quantized_numbers.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

bool read_numbers(const Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                  ConvolutionNumbers* numbers) {
  const auto of = [&](size_t input) { return constant_number(b, b.node().inputs[input]); };
  const auto x = of(at.scales.x), y = of(at.scales.y), x_zero = of(at.x_zero), y_zero = of(at.scales.y_zero);
  if (!x || !y || !x_zero || !y_zero || !b.is_constant(at.scales.w)) return false;
  if (b.has_input(at.bias) && !b.is_constant(at.bias)) return false;
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

std::optional<ResidualAdd> find_residual(const Builder& b, const Dims& dims) {
  const uint32_t made = b.node().outputs[0];
  const Value& value = b.graph().values[made];
  if (!b.options().fusion || value.output_uses > 0 || value.uses.size() != 1) return std::nullopt;
  const Node& node = b.graph().nodes[value.uses[0]];
  if (node.op_type != "QLinearAdd" || node.domain != kMicrosoftDomain || node.inputs.size() < 7) {
    return std::nullopt;
  }
  const size_t own = node.inputs[0] == made ? 0 : 3;
  ResidualAdd found;
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

}  // namespace

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

Builder::Ref quantized_output(Builder& b, const ConvolutionShapes& shapes, const QuantizedConvolution& found) {
  if (!found.residual) return b.write(b.node().outputs[0], shapes.dims, Layout::kChannelsLast);
  const uint32_t result = b.graph().nodes[found.residual->node].outputs[0];
  const Builder::Ref over = b.read(found.residual->other, Layout::kChannelsLast);
  const Builder::Ref ref = b.write_over(result, shapes.dims, Layout::kChannelsLast, over);
  b.absorb(found.residual->node);
  return ref;
}

std::string quantized_name(const Builder& b, const QuantizedConvolution& found) {
  return b.node().op_type + (found.residual ? "+QLinearAdd" : "");
}

std::vector<uint32_t> quantized_nodes(const Builder& b, const QuantizedConvolution& found) {
  std::vector<uint32_t> nodes = {b.node_index()};
  if (found.residual) nodes.push_back(found.residual->node);
  return nodes;
}

bool quantized_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  QuantizedConvolution found;
  if (!is_symmetric(b, at.w, at.w_zero) || !read_numbers(b, at, shapes, &found.numbers)) return false;
  if (element_count(shapes.dims) == 0 || shapes.depth() == 0 || element_count(shapes.in) == 0) return false;
  found.residual = find_residual(b, shapes.dims);
  return tap_convolution(b, at, shapes, found) || onednn_quantized_convolution(b, at, shapes, found);
}

}  // namespace bp::cpu
