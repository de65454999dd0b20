// Scales and zero points of quantized products.
#include "ops/quantized_output.hpp"

namespace bp::cpu {

ZeroPoint zero_point(const Builder& b, size_t input) {
  ZeroPoint result;
  result.input = input;
  result.present = b.has_input(input);
  if (!result.present) return result;
  result.is_signed = b.input_type(input) == Type::kInt8;
  result.count = element_count(b.input_dims(input));
  return result;
}

void check_zero_point(Check& check, size_t input, size_t of) {
  if (!check.has_input(input) || !check.has_input(of) || check.input(input).type == check.input(of).type)
    return;
  check.reject_input(BP_REASON_TYPE, input,
                     text("the zero point must be ", type_name(check.input(of).type), " as input ", of,
                          " is, is ", type_name(check.input(input).type)));
}

OutputScales::OutputScales(Builder& b, OwnStep& step, const ScaleInputs& inputs, int64_t rows, int64_t channels)
    : inputs_(inputs),
      scale_type_(b.input_type(inputs.x)),
      rows_(element_count(b.input_dims(inputs.x))),
      channels_(element_count(b.input_dims(inputs.w))),
      zero_(zero_point(b, inputs.y_zero)),
      type_(b.output_type(0)) {
  const auto one_or = [&](size_t input, int64_t count) {
    if (!b.has_input(input)) return;
    const int64_t found = element_count(b.input_dims(input));
    if (found == 1 || found == count) return;
    b.fail(text("input ", input, " must be one element", count == 1 ? std::string() : text(" or ", count),
                ", has dims ", dims_text(b.input_dims(input))));
  };
  one_or(inputs.x, rows);
  one_or(inputs.w, channels);
  one_or(inputs.y, 1);
  one_or(inputs.y_zero, 1);
  scratch_ = step.scratch(static_cast<uint64_t>(rows_ * channels_) * sizeof(float));
}

float OutputScales::read(const Call& call, size_t input, int64_t index) const {
  switch (scale_type_) {
    case Type::kFloat16:
      return call.in<Half>(input)[index];
    case Type::kBfloat16:
      return call.in<Bfloat16>(input)[index];
    default:
      return call.in<float>(input)[index];
  }
}

OutputScales::Ready OutputScales::make(const Call& call) const {
  auto* scales = call.out<float>(scratch_);
  const float y = read(call, inputs_.y, 0);
  for (int64_t row = 0; row < rows_; ++row) {
    const float x = read(call, inputs_.x, row);
    for (int64_t i = 0; i < channels_; ++i) scales[row * channels_ + i] = x * read(call, inputs_.w, i) / y;
  }
  return {scales, channels_ == 1 ? 0 : 1, rows_ == 1 ? 0 : channels_, static_cast<float>(zero_.at(call, 0))};
}

}  // namespace bp::cpu
