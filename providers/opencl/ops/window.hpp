// Kernel, strides, dilations and pads of convolution and pooling: attributes to numbers, dims of the output.
#pragma once

#include "ops/op.hpp"

namespace bp::opencl {

struct Window {
  Dims kernel, strides, dilations, pads_begin, pads_end;
};

// Reads strides, dilations, pads and auto_pad for `spatial` input dims and `kernel`. With auto_pad, pads follow
// from the input's dims. Throws through the builder where attributes do not fit.
Window read_window(const Builder& b, const Dims& spatial, const Dims& kernel);

// Dims of the output of a forward window. `ceil_mode`: the last window may hang over the end, but must start
// inside the input or its left padding.
Dims window_output(const Builder& b, const Dims& spatial, const Window& window, bool ceil_mode);

// Spatial dims of [N, C, spatial...].
inline Dims spatial_dims(const Dims& dims) { return {dims.begin() + 2, dims.end()}; }

// Padded in front to three dims.
inline Dims three(const Dims& dims, int64_t fill) {
  Dims result(3 - dims.size(), fill);
  result.insert(result.end(), dims.begin(), dims.end());
  return result;
}

}  // namespace bp::opencl
