// ConvTranspose by phases: output positions that lie the same way to the stride are one convolution of stride
// 1, all of them together one convolution with more channels, whose results are then put in their places.
#pragma once

#include "onednn_seam.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

// float32, constant weights [C, M, spatial], one group, dense, 1 or 2 spatial dims. Adds the output and the
// steps; false, and nothing added, where it does not apply or would multiply too many zeros.
bool build_phase_convolution(Builder& b, const Dims& src, const Dims& dst, const Window& window);

}  // namespace bp::cpu
