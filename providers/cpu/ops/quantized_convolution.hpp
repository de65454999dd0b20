// QLinearConv with constant scales, zero points and bias as one step, with a QLinearAdd behind it in it. What
// is rounded and clipped between the two nodes is so in the step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/integer_convolution.hpp"

namespace bp::cpu {

// Scales, bias and zero points, all of them constant.
struct ConvolutionNumbers {
  std::vector<float> scales;  // from sums to steps of the output; one, or one per channel
  float x_zero = 0;
  float y_scale = 1;
  float y_zero = 0;
};

// A QLinearAdd that alone reads the convolution's output: C = quantized(A * a_scale + B * b_scale), A being
// that output less its zero point.
struct ResidualAdd {
  uint32_t node = BP_NONE;
  uint32_t other = BP_NONE;
  float a_scale = 1;
  float a_zero = 0;
  float b_scale = 1;
  float b_zero = 0;
  float scale = 1;
  float zero = 0;
};

struct QuantizedConvolution {
  ConvolutionNumbers numbers;
  std::optional<ResidualAdd> residual;
};

// The bias of each channel, and what an input's zero point takes from every sum.
Builder::Ref whole_bias(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                        int32_t x_zero);
// Where the output goes: over the residual, if any, whose node is then done. The step's name and nodes.
Builder::Ref quantized_output(Builder& b, const ConvolutionShapes& shapes, const QuantizedConvolution& found);
std::string quantized_name(const Builder& b, const QuantizedConvolution& found);
std::vector<uint32_t> quantized_nodes(const Builder& b, const QuantizedConvolution& found);

// Both add nothing and return false where they have no fast code. kernels/byte_taps: convolutions over one
// pixel and images of few channels.
bool tap_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                     const QuantizedConvolution& found);
// One primitive; without the residual where it has only that.
bool onednn_quantized_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                                  QuantizedConvolution found);

}  // namespace bp::cpu
