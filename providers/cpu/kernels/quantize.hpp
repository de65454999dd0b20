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

// codes[i] = round to nearest even (values[i]) + zero[i * zero_step], held within the type's range; NaN becomes
// its lowest number. `type` is one of kQuantizedInts, elements one to a byte or two bytes.
void store_quantized(Type type, const float* values, const float* zero, int64_t zero_step, std::byte* codes,
                     int64_t count);
// codes[i] = the same of sums[i] * scale[i * step].
void requantize(Type type, const int32_t* sums, const float* scale, int64_t step, float zero, std::byte* codes,
                int64_t count);

}  // namespace bp::cpu
