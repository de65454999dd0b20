// Which scale and zero point an element of a quantized tensor has: one for all, one per index of an axis, or
// one per block along an axis (ONNX: QuantizeLinear).
#pragma once

#include <algorithm>
#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

class Builder;

// The tensor as [outer, extent, inner] around its axis.
struct Granularity {
  int64_t extent = 1;
  int64_t inner = 1;
  int64_t block = 0;         // elements of the axis that share a scale; 0: all elements share one
  int64_t blocks = 1;        // along the axis
  bool outer_shared = true;  // the same scales for every [outer, inner]: one per index of the axis

  int64_t scale_count = 1;

  // Calls f(first, count, scale, step) for stretches of [begin, end): element first + i has scale + i * step,
  // and step is 0 or 1.
  template <class F>
  void stretches(int64_t begin, int64_t end, F&& f) const {
    if (block == 0) return f(begin, end - begin, int64_t{0}, int64_t{0});
    while (begin < end) {
      const int64_t row = begin / inner;
      const int64_t at = row % extent;
      const int64_t column = begin % inner;
      const int64_t base = outer_shared ? at / block : row / extent * blocks + at / block;
      int64_t count = inner - column;
      int64_t scale = base;
      int64_t step = 0;
      if (inner > 1) {
        if (!outer_shared) {
          scale = base * inner + column;
          step = 1;
        }
      } else if (block == 1) {  // neighbours have neighbouring scales
        count = extent - at;
        step = 1;
      } else {
        count = std::min(extent, (at / block + 1) * block) - at;
      }
      count = std::min(count, end - begin);
      f(begin, count, scale, step);
      begin += count;
    }
  }
};

// Reads axis and block_size of the node; `scale` and `zero_point` are inputs, which must have the same dims.
// Throws where they do not fit input `x`.
Granularity read_granularity(Builder& b, size_t x, size_t scale, size_t zero_point);

}  // namespace bp::cpu
