// Real numbers to the integers that stand for them, and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// What a quantized integer type holds.
struct IntegerRange {
  int32_t low = 0;
  int32_t high = 0;
};

inline constexpr TypeMask kQuantizedInts =
    mask(Type::kInt8, Type::kUint8, Type::kInt16, Type::kUint16) | kNarrowInts;

IntegerRange integer_range(Type type) noexcept;  // of kQuantizedInts

// `type` is one of kQuantizedInts everywhere here, codes one to a byte or two bytes.

// codes[i] = round to nearest even (values[i]) + zero[i * zero_step], held within the type's range; NaN becomes
// its lowest number.
void store_quantized(Type type, const float* values, const float* zero, int64_t zero_step, std::byte* codes,
                     int64_t count);
// codes[i] = the same of values[i] / scale.
void quantize(Type type, const float* values, float scale, float zero, std::byte* codes, int64_t count);
// codes[i] = the same of sums[i] * scale[i * step].
void requantize(Type type, const int32_t* sums, const float* scale, int64_t step, float zero, std::byte* codes,
                int64_t count);
// values[i] = (codes[i] - zero) * scale.
void dequantize(Type type, const std::byte* codes, float scale, float zero, float* values, int64_t count);

// Two operands and a result, each with its scale and zero point.
struct QuantizedTerms {
  float a_scale = 1;
  float a_zero = 0;
  float b_scale = 1;
  float b_zero = 0;
  float scale = 1;
  float zero = 0;
};
enum class QuantizedOp { kAdd, kMul };
// codes[i] = the sum or product of a[i * a_step] and b[i * b_step], all of them of the one type, which is of
// bytes; a step is 0 or 1.
void combine_quantized(Type type, QuantizedOp op, const QuantizedTerms& terms, const std::byte* a,
                       int64_t a_step, const std::byte* b, int64_t b_step, std::byte* codes, int64_t count);
// codes[i] = what a[i] stands for, by the result's scale and zero point. Of bytes.
void rescale_quantized(Type type, const QuantizedTerms& terms, const std::byte* a, std::byte* codes,
                       int64_t count);
// sums[i] += codes[i], of bytes.
void add_codes(Type type, const std::byte* codes, int32_t* sums, int64_t count);
// All of them together.
int64_t sum_of_codes(Type type, const std::byte* codes, int64_t count);

// The least and the greatest number, with 0 among them; NaN counts for nothing.
struct FloatRange {
  float low = 0;
  float high = 0;
};
FloatRange range_with_zero(const float* values, int64_t count);

// The loops, by the bytes of a code less one; `dequantize` also by its sign.
struct QuantizeKernels {
  void (*store[2])(const float* values, const float* zero, int64_t step, IntegerRange range, void* codes,
                   int64_t count);
  void (*divide[2])(const float* values, float scale, float zero, IntegerRange range, void* codes,
                    int64_t count);
  void (*requantize[2])(const int32_t* sums, const float* scale, int64_t step, float zero, IntegerRange range,
                        void* codes, int64_t count);
  void (*dequantize[2][2])(const void* codes, float scale, float zero, float* values, int64_t count);
  FloatRange (*range)(const float* values, int64_t count);
  // By sign, those of bytes.
  void (*combine[2][2])(const QuantizedTerms& terms, const void* a, int64_t a_step, const void* b,
                        int64_t b_step, void* codes, int64_t count);
  void (*rescale[2])(const QuantizedTerms& terms, const void* a, void* codes, int64_t count);
  void (*add_codes[2])(const void* codes, int32_t* sums, int64_t count);
  int64_t (*sum[2])(const void* codes, int64_t count);
};

// One per instruction set.
struct QuantizeVariants {
  static const QuantizeKernels kPlain;
  static const QuantizeKernels kAvx2;
  static const QuantizeKernels kAvx512;
};

}  // namespace bp::cpu
