// What the forms of a convolution have in common.
#pragma once

#include "ops/window.hpp"

namespace bp::opencl {

struct ConvolutionShapes {
  Dims in, out;  // spatial, three dims
  Window window;
  int64_t images = 1, groups = 1, channels = 1, outputs = 1;  // channels and outputs of one group
  int64_t taps() const { return element_count(window.kernel); }
};

// One channel each on a processor: planes one after the other, without a copy of the input.
bool fits_depthwise(const Builder& b, const ConvolutionShapes& shapes);
void build_depthwise(Builder& b, const ConvolutionShapes& shapes, const Dims& dims);

}  // namespace bp::opencl
