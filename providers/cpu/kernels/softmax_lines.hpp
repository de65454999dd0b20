// Softmax and its logarithm along lines of float32 numbers, compiled once per instruction set.
#pragma once

#include <cstdint>

namespace bp::cpu {

inline constexpr int64_t kSoftmaxColumns = 64;
inline constexpr int64_t kSoftmaxShort = 16;

// y may be x. NaN in a line makes all of it NaN.
struct SoftmaxLines {
  // `length` neighbours.
  void (*softmax)(const float* x, float* y, int64_t length);
  void (*log_softmax)(const float* x, float* y, int64_t length);
  // `lines` of them one behind the other, `length` at most kSoftmaxShort.
  void (*softmax_short)(const float* x, float* y, int64_t length, int64_t lines);
  void (*log_softmax_short)(const float* x, float* y, int64_t length, int64_t lines);
  // Neighbouring columns, at most kSoftmaxColumns, of `length` numbers each, `step` apart.
  void (*softmax_columns)(const float* x, float* y, int64_t length, int64_t step, int64_t columns);
  void (*log_softmax_columns)(const float* x, float* y, int64_t length, int64_t step, int64_t columns);
};

struct SoftmaxLinesVariants {
  static const SoftmaxLines kPlain;
  static const SoftmaxLines kAvx2;
  static const SoftmaxLines kAvx512;
};

// The best for this processor.
const SoftmaxLines& softmax_lines();

}  // namespace bp::cpu
