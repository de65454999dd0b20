#include "ops/quantized_numbers.hpp"

#include "ops/quantized_output.hpp"

namespace bp::cpu {

namespace {

void check_numbers(Check& check, size_t scale) {
  check.required(scale);
  check.types(scale, mask(Type::kFloat32));
  check.types(scale + 1, kBytes);
  for (const size_t input : {scale, scale + 1}) {
    if (check.has_input(input)) check.want_constant(input);
  }
}

}  // namespace

std::optional<float> constant_number(const Builder& b, uint32_t value) {
  if (value == BP_NONE || !b.graph().values[value].constant) return std::nullopt;
  const HostTensor* contents = b.value_contents(value);
  if (contents == nullptr || contents->count() != 1) return std::nullopt;
  return static_cast<float>(contents->floats().front());
}

float scale_or_zero(const Builder& b, size_t input, float fallback) {
  if (!b.has_input(input)) return fallback;
  const auto number = constant_number(b, b.node().inputs[input]);
  if (!number) b.fail(text("input ", input, " must be one element, has dims ", dims_text(b.input_dims(input))));
  return *number;
}

void check_quantized_input(Check& check, size_t input, size_t scale) {
  check.required(input);
  check.types(input, kBytes);
  check_numbers(check, scale);
  check_zero_point(check, scale + 1, input);
}

void check_quantized_output(Check& check, size_t scale) {
  check.output_types(0, kBytes);
  check_numbers(check, scale);
}

}  // namespace bp::cpu
