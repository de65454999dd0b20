// Elements of tensors as doubles and back: every numeric type of the standard, the narrow ones too.
#pragma once

#include <cstdint>

#include "backplane/element_type.hpp"
#include "graph/tensor.hpp"

namespace bp::conformance {

bool is_float_type(ElementType type) noexcept;    // float64 down to float4
bool is_integer_type(ElementType type) noexcept;  // bool is one

// Element `index` of a tensor of numbers: floats exactly; 64-bit integers rounded.
double real_at(const Tensor& tensor, int64_t index);
// Element `index` of a tensor of integers; uint64 as the same bits.
int64_t integer_at(const Tensor& tensor, int64_t index);

// Writes `value` rounded to the nearest of `type`, ties to even; what is too large becomes infinity, or where
// the type has none NaN (a finite type without NaN: its largest).
void store_real(ElementType type, void* data, int64_t index, double value);
// Wraps around.
void store_integer(ElementType type, void* data, int64_t index, int64_t value);

// `value` rounded as store_real does.
double rounded_to(ElementType type, double value);
// The distance between `value` and its neighbour away from zero, in `type`; that of the smallest number where
// the value is 0.
double ulp_at(ElementType type, double value);
// The largest finite number.
double largest_of(ElementType type);
// The smallest positive number with full precision.
double smallest_normal_of(ElementType type);
// Twice the largest relative error of rounding: 2^-23 for float32.
double epsilon_of(ElementType type);

}  // namespace bp::conformance
