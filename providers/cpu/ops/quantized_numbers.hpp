// What the operators of com.microsoft on bytes share: scales and zero points, each one constant number.
#pragma once

#include <optional>

#include "ops/op.hpp"

namespace bp::cpu {

inline constexpr std::string_view kMicrosoftDomain = "com.microsoft";

// One constant number; nothing for a value that is no constant or more than one.
std::optional<float> constant_number(const Builder& b, uint32_t value);
// Of a node's input; `fallback` where it is omitted. Fails where it is not one number.
float scale_or_zero(const Builder& b, size_t input, float fallback);

// The input must be bytes, its scale at `scale` a constant float, the zero point behind it, which may be
// omitted, a constant of its type.
void check_quantized_input(Check& check, size_t input, size_t scale);
// The same for the output's numbers.
void check_quantized_output(Check& check, size_t scale);

}  // namespace bp::cpu
