// The functions of softmax_lines.hpp. Everything is local to the file that includes this.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/elements_apart.hpp"
#include "kernels/lane_math.hpp"
#include "kernels/run_totals_impl.hpp"
#include "kernels/softmax_lines.hpp"

namespace bp::cpu {

namespace {

inline void softmax_line(const float* x, float* y, int64_t length) {
  const float largest = extreme_of<true>(x, length);
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < length; ++i) y[i] = lanes::exp(x[i] - largest);
  const auto scale = static_cast<float>(1 / sum_of<Itself>(y, length));
  for (int64_t i = 0; i < length; ++i) y[i] *= scale;
}

inline void log_softmax_line(const float* x, float* y, int64_t length) {
  constexpr int64_t kPiece = 256;
  const float largest = extreme_of<true>(x, length);
  float powers[kPiece];
  double total = 0;
  for (int64_t begin = 0; begin < length; begin += kPiece) {
    const int64_t count = std::min(kPiece, length - begin);
    for (int64_t i = 0; i < count; ++i) powers[i] = lanes::exp(x[begin + i] - largest);
    total += sum_of<Itself>(powers, count);
  }
  const float shift = largest + static_cast<float>(std::log(total));
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < length; ++i) y[i] = x[i] - shift;
}

template <bool kLog>
void columns_of(const float* x, float* y, int64_t length, int64_t step, int64_t columns) {
  float largest[kSoftmaxColumns], total[kSoftmaxColumns];
  for (int64_t i = 0; i < columns; ++i) largest[i] = x[i], total[i] = 0;
  for (int64_t row = 1; row < length; ++row)
    for (int64_t i = 0; i < columns; ++i) {
      const float value = x[row * step + i];
      largest[i] = (value > largest[i]) | (value != value) ? value : largest[i];
    }
  for (int64_t row = 0; row < length; ++row) {
    const float* from = x + row * step;
    float* to = y + row * step;
    BP_CPU_ELEMENTS_APART
    for (int64_t i = 0; i < columns; ++i) {
      const float power = lanes::exp(from[i] - largest[i]);
      total[i] += power;
      if constexpr (!kLog) to[i] = power;
    }
  }
  for (int64_t i = 0; i < columns; ++i) total[i] = kLog ? largest[i] + std::log(total[i]) : 1.0f / total[i];
  for (int64_t row = 0; row < length; ++row) {
    const float* from = kLog ? x + row * step : y + row * step;
    float* to = y + row * step;
    BP_CPU_ELEMENTS_APART
    for (int64_t i = 0; i < columns; ++i) to[i] = kLog ? from[i] - total[i] : from[i] * total[i];
  }
}

// Turned into columns and back. kLength 0: any.
template <bool kLog, int64_t kLength>
void turned(const float* x, float* y, int64_t any_length, int64_t lines) {
  const int64_t length = kLength > 0 ? kLength : any_length;
  float columns[kSoftmaxShort * kSoftmaxColumns];
  for (int64_t begin = 0; begin < lines; begin += kSoftmaxColumns) {
    const int64_t count = std::min(kSoftmaxColumns, lines - begin);
    const float* from = x + begin * length;
    float* to = y + begin * length;
    for (int64_t row = 0; row < length; ++row)
      for (int64_t i = 0; i < count; ++i) columns[row * kSoftmaxColumns + i] = from[i * length + row];
    columns_of<kLog>(columns, columns, length, kSoftmaxColumns, count);
    for (int64_t row = 0; row < length; ++row)
      for (int64_t i = 0; i < count; ++i) to[i * length + row] = columns[row * kSoftmaxColumns + i];
  }
}

template <bool kLog>
void short_lines(const float* x, float* y, int64_t length, int64_t lines) {
  if (length == 2) return turned<kLog, 2>(x, y, length, lines);
  if (length == 4) return turned<kLog, 4>(x, y, length, lines);
  turned<kLog, 0>(x, y, length, lines);
}

inline constexpr SoftmaxLines kSoftmaxLines = {softmax_line,      log_softmax_line,  short_lines<false>,
                                               short_lines<true>, columns_of<false>, columns_of<true>};

}  // namespace

}  // namespace bp::cpu
