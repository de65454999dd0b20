// Products of bytes with constant weights and their output's scale by kernels/byte_taps.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

struct TapProduct {
  int64_t rows = 1, depth = 1, columns = 1;
  size_t a = 0, b = 0;                          // inputs of the node
  int64_t column_stride = 1, depth_stride = 1;  // of b, in elements
  int32_t a_zero = 0;
  std::vector<float> scales;  // from sums to steps of the output; one, or one per column
  std::vector<int64_t> bias;  // one per column, or none
  std::string bias_key;       // which bias: the packed one is kept by it
  int32_t zero = 0;           // of the output
};

// Adds the step that writes the output, of dims `dims`. Adds nothing and returns false where the weights have a
// zero point (input `b_zero`), the depth is none of groups of four, or the processor lacks the instructions.
bool tap_product(Builder& b, const TapProduct& product, size_t b_zero, const Dims& dims);

}  // namespace bp::cpu
