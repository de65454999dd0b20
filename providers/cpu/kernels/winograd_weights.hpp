// Winograd's transform of 3x3 weights, G g Gt, written as oneDNN's convolutions read it. oneDNN's own reorder
// does the same number by number, which took most of a network's first run.
#pragma once

#include <cstdint>

namespace bp::cpu {

// Blocks of 16 x 16 channels per point of the transformed tile, stored as
// [output group][alpha][alpha][input group][output block][input block][16 inputs][16 outputs].
struct WinogradWeights {
  int alpha = 0;  // 4: F(2x2, 3x3); 6: F(4x4, 3x3)
  int64_t input_blocks = 0;
  int64_t output_blocks = 0;
  int64_t input_group = 0;  // blocks per group
  int64_t output_group = 0;
};

// `source`: row-major [outputs, inputs, 3, 3] at any address.
void transform_winograd_weights(const WinogradWeights& layout, const void* source, float* target);

}  // namespace bp::cpu
