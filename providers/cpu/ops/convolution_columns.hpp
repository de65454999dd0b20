// Conv and ConvTranspose in the types that oneDNN does not take here: float64, and the 16-bit floats, which are
// computed in float32.
#pragma once

#include "onednn_seam.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

// src and dst: [N, C, spatial...]; window of the forward or of the transposed convolution. Adds the output and
// the step.
void build_column_convolution(Builder& b, bool transposed, const Dims& src, const Dims& dst,
                              const Window& window, int64_t groups);

}  // namespace bp::cpu
