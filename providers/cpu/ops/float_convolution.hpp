// What Conv and ConvTranspose say about shapes, as oneDNN counts them.
#pragma once

#include "onednn_seam.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

struct FloatConvolution {
  ConvolutionKind kind = ConvolutionKind::kDirect;
  Dims src;
  Dims dst;
  Window window;
  dnnl::memory::desc weights;  // as the model has them
  Dims weights_dims;           // [G,] O, I, spatial
  int64_t output_channels = 0;
};

FloatConvolution read_convolution(Builder& b);
FloatConvolution read_transposed_convolution(Builder& b);
// One column of many rows seen as one row: the same memory in every layout, and rows are what oneDNN's code is
// fast along. Anything else as it is.
FloatConvolution with_rows(const FloatConvolution& shapes);

}  // namespace bp::cpu
