// Winograd's transform of 3x3 weights, G g Gt, as the products of kernels/winograd read it.
#pragma once

#include <cstdint>

namespace bp::cpu {

// Stored as [blocks of 16 outputs][points of the tile][inputs][16 outputs].
struct WinogradWeights {
  int tile = 0;  // outputs per side: 2 or 4
  int64_t inputs = 0;
  int64_t outputs = 0;  // both by 16

  int64_t elements() const noexcept { return int64_t{tile + 2} * (tile + 2) * inputs * outputs; }
};

// `source`: row-major [outputs, inputs, 3, 3] at any address.
void transform_winograd_weights(const WinogradWeights& layout, const void* source, float* target);

}  // namespace bp::cpu
