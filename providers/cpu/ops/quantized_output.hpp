// What the quantized products share: zero points read at run, and the way from 32-bit sums to the quantized
// output.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/quantize.hpp"
#include "ops/own_step.hpp"

namespace bp::cpu {

// Sums of products and bias are 32-bit numbers that wrap, as the registers do in which they are made. Real
// models have biases at the ends of the range.
inline int32_t wrapping_sum(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

inline constexpr TypeMask kBytes = mask(Type::kInt8, Type::kUint8);

// An input of bytes that stands for zero: one number, or several. Omitted: 0.
struct ZeroPoint {
  size_t input = 0;
  bool present = false;
  bool is_signed = false;
  int64_t count = 1;

  int32_t at(const Call& call, int64_t index) const {
    return present ? read(call.args[input], count == 1 ? 0 : index) : 0;
  }
  int32_t read(const void* bytes, int64_t index) const {
    return is_signed ? static_cast<const int8_t*>(bytes)[index] : static_cast<const uint8_t*>(bytes)[index];
  }
};

ZeroPoint zero_point(const Builder& b, size_t input);
// The zero point must have the type of what it belongs to.
void check_zero_point(Check& check, size_t input, size_t of);

// Positions of the inputs that scale a quantized product: x's scale is one number or one per row, w's one
// number or one per channel, the output's scale and zero point one number each.
struct ScaleInputs {
  size_t x = 0;
  size_t w = 0;
  size_t y = 0;
  size_t y_zero = 0;
};

class OutputScales {
 public:
  OutputScales(Builder& b, OwnStep& step, const ScaleInputs& inputs, int64_t rows, int64_t channels);

  // Fills scratch memory: x_scale * w_scale / y_scale for every channel, or every row and channel.
  struct Ready {
    const float* scales;
    int64_t step;      // between channels; 0: one scale for all
    int64_t row_step;  // between rows
    float zero;
  };
  Ready make(const Call& call) const;
  Type type() const noexcept { return type_; }

 private:
  float read(const Call& call, size_t input, int64_t index) const;

  ScaleInputs inputs_;
  Type scale_type_;
  int64_t rows_;      // 1: all alike
  int64_t channels_;  // 1: all alike
  ZeroPoint zero_;
  Type type_;
  size_t scratch_;
};

}  // namespace bp::cpu
