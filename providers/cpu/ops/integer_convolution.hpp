// What ConvInteger and QLinearConv share, and the way through oneDNN.
#pragma once

#include <cstdint>

#include "ops/quantized_output.hpp"
#include "ops/window.hpp"

namespace bp::cpu {

// Positions of a node's inputs. ConvInteger has neither bias nor scales.
struct ConvolutionInputs {
  size_t x = 0;
  size_t x_zero = 2;
  size_t w = 1;
  size_t w_zero = 3;
  size_t bias = 99;
  bool scaled = false;
  ScaleInputs scales;
};

struct ConvolutionShapes {
  int64_t batches = 1;
  int64_t groups = 1;
  int64_t channels = 1;      // of one group
  int64_t out_channels = 1;  // of one group
  Dims in;                   // spatial
  Dims out;                  // spatial
  Window window;
  Dims dims;  // of the output

  int64_t taps() const { return element_count(window.kernel); }
  int64_t depth() const { return channels * taps(); }
  int64_t pixels() const { return element_count(out); }
  int64_t all_channels() const { return out_channels * groups; }
};

// Adds the steps where oneDNN has fast code for the convolution whose sums are exact (see byte_products.hpp);
// otherwise adds nothing and returns false.
bool onednn_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes);
// The same for QLinearConv as one step, where its scales, zero points and bias are constant.
bool quantized_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes);

}  // namespace bp::cpu
