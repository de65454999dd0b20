// The loops of quantize.hpp, compiled once per instruction set. Values are held within the range before they
// are rounded, so that adding 1.5 * 2^23 rounds them to nearest even and leaves the integer in the low bits:
// loops that every vector unit has the instructions for.
#pragma once

#include <limits>

#include "kernels/quantize.hpp"

namespace bp::cpu {

namespace {

inline constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
inline constexpr int32_t kRounderBits = 0x4B400000;

// The integer next to value + zero, which lies within [low, high].
inline int32_t quantized(float value, float zero, float low, float high) {
  value = value > low - zero ? value : low - zero;  // NaN: low
  value = value < high - zero ? value : high - zero;
  return __builtin_bit_cast(int32_t, value + kRounder) - kRounderBits + static_cast<int32_t>(zero);
}

template <class T>
void store_rows(const float* values, const float* zero, int64_t step, IntegerRange range, void* target,
                int64_t count) {
  const auto low = static_cast<float>(range.low);
  const auto high = static_cast<float>(range.high);
  auto* codes = static_cast<T*>(target);
  if (step == 0) {
    const float one = *zero;
    for (int64_t i = 0; i < count; ++i) codes[i] = static_cast<T>(quantized(values[i], one, low, high));
  } else {
    for (int64_t i = 0; i < count; ++i) codes[i] = static_cast<T>(quantized(values[i], zero[i], low, high));
  }
}

template <class T>
void divide_rows(const float* values, float scale, float zero, IntegerRange range, void* target,
                 int64_t count) {
  const auto low = static_cast<float>(range.low);
  const auto high = static_cast<float>(range.high);
  auto* codes = static_cast<T*>(target);
  for (int64_t i = 0; i < count; ++i) codes[i] = static_cast<T>(quantized(values[i] / scale, zero, low, high));
}

template <class T>
void requantize_rows(const int32_t* sums, const float* scale, int64_t step, float zero, IntegerRange range,
                     void* target, int64_t count) {
  const auto low = static_cast<float>(range.low);
  const auto high = static_cast<float>(range.high);
  auto* codes = static_cast<T*>(target);
  if (step == 0) {
    const float one = *scale;
    for (int64_t i = 0; i < count; ++i) {
      codes[i] = static_cast<T>(quantized(static_cast<float>(sums[i]) * one, zero, low, high));
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      codes[i] = static_cast<T>(quantized(static_cast<float>(sums[i]) * scale[i], zero, low, high));
    }
  }
}

template <class T>
void dequantize_rows(const void* source, float scale, float zero, float* values, int64_t count) {
  const auto* codes = static_cast<const T*>(source);
  for (int64_t i = 0; i < count; ++i) values[i] = (static_cast<float>(codes[i]) - zero) * scale;
}

template <class T>
inline constexpr float kLeast = static_cast<float>(std::numeric_limits<T>::min());
template <class T>
inline constexpr float kMost = static_cast<float>(std::numeric_limits<T>::max());

template <class T, QuantizedOp kOp>
void combine_rows(const QuantizedTerms& terms, const void* a, int64_t a_step, const void* b, int64_t b_step,
                  void* target, int64_t count) {
  const auto* left = static_cast<const T*>(a);
  const auto* right = static_cast<const T*>(b);
  auto* codes = static_cast<T*>(target);
  const auto x = [&](T code) { return (static_cast<float>(code) - terms.a_zero) * terms.a_scale; };
  const auto y = [&](T code) { return (static_cast<float>(code) - terms.b_zero) * terms.b_scale; };
  const auto store = [&](int64_t i, float p, float q) {
    const float value = (kOp == QuantizedOp::kAdd ? p + q : p * q) / terms.scale;
    codes[i] = static_cast<T>(quantized(value, terms.zero, kLeast<T>, kMost<T>));
  };
  if (a_step != 0 && b_step != 0) {
    for (int64_t i = 0; i < count; ++i) store(i, x(left[i]), y(right[i]));
  } else if (a_step != 0) {
    const float one = y(*right);
    for (int64_t i = 0; i < count; ++i) store(i, x(left[i]), one);
  } else {
    const float one = x(*left);
    for (int64_t i = 0; i < count; ++i) store(i, one, y(right[i * b_step]));
  }
}

template <class T>
void rescale_rows(const QuantizedTerms& terms, const void* a, void* target, int64_t count) {
  const auto* source = static_cast<const T*>(a);
  auto* codes = static_cast<T*>(target);
  for (int64_t i = 0; i < count; ++i) {
    const float value = (static_cast<float>(source[i]) - terms.a_zero) * terms.a_scale / terms.scale;
    codes[i] = static_cast<T>(quantized(value, terms.zero, kLeast<T>, kMost<T>));
  }
}

template <class T>
void add_rows(const void* source, int32_t* sums, int64_t count) {
  const auto* codes = static_cast<const T*>(source);
  for (int64_t i = 0; i < count; ++i) sums[i] += codes[i];
}

template <class T>
int64_t sum_of_row(const void* source, int64_t count) {
  constexpr int64_t kMost32 = 1 << 20;  // of which 32 bits hold the sum
  const auto* codes = static_cast<const T*>(source);
  int64_t total = 0;
  while (count > 0) {
    const int64_t here = count < kMost32 ? count : kMost32;
    int32_t sum = 0;
    for (int64_t i = 0; i < here; ++i) sum += codes[i];
    total += sum;
    codes += here;
    count -= here;
  }
  return total;
}

inline FloatRange range_of_row(const float* values, int64_t count) {
  constexpr int64_t kLanes = 64;
  float low[kLanes] = {};
  float high[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
#pragma omp simd
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = values[i + lane];
      low[lane] = value < low[lane] ? value : low[lane];
      high[lane] = value > high[lane] ? value : high[lane];
    }
  }
  for (int64_t lane = 0; i < count; ++i, ++lane) {
    low[lane] = values[i] < low[lane] ? values[i] : low[lane];
    high[lane] = values[i] > high[lane] ? values[i] : high[lane];
  }
  FloatRange range;
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    range.low = low[lane] < range.low ? low[lane] : range.low;
    range.high = high[lane] > range.high ? high[lane] : range.high;
  }
  return range;
}

inline constexpr QuantizeKernels kQuantizeLoops = {
    {store_rows<uint8_t>, store_rows<uint16_t>},
    {divide_rows<uint8_t>, divide_rows<uint16_t>},
    {requantize_rows<uint8_t>, requantize_rows<uint16_t>},
    {{dequantize_rows<uint8_t>, dequantize_rows<int8_t>},
     {dequantize_rows<uint16_t>, dequantize_rows<int16_t>}},
    range_of_row,
    {{combine_rows<uint8_t, QuantizedOp::kAdd>, combine_rows<int8_t, QuantizedOp::kAdd>},
     {combine_rows<uint8_t, QuantizedOp::kMul>, combine_rows<int8_t, QuantizedOp::kMul>}},
    {rescale_rows<uint8_t>, rescale_rows<int8_t>},
    {add_rows<uint8_t>, add_rows<int8_t>},
    {sum_of_row<uint8_t>, sum_of_row<int8_t>},
};

}  // namespace

}  // namespace bp::cpu
