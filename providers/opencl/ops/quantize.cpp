// QuantizeLinear and DequantizeLinear, per tensor and per axis: formulas with the scale and the zero point
// broadcast.
#include "ops/pointwise.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

constexpr TypeMask kCodes = mask(Type::kInt8, Type::kUint8, Type::kInt16, Type::kUint16);

void check_common(Check& check) {
  check.required(0);
  check.required(1);
  check.types(1, kFloat);
  if (check.node.attributes.int_or("block_size", 0) != 0) {
    check.reject_attribute("block_size", "scales of blocks are not taken");
  }
}

void check_quantize(Check& check) {
  check_common(check);
  check.types(0, kFloat);
  check.types(2, kCodes);
  check.output_types(0, kCodes);
  const int64_t precision = check.node.attributes.int_or("precision", 0);
  if (precision != 0 && precision != BP_TYPE_FLOAT32) {
    check.reject_attribute("precision", text("expected 0 or 1 (float32), found ", precision));
  }
}

void check_dequantize(Check& check) {
  check_common(check);
  check.types(0, kCodes | mask(Type::kInt32));
  check.types(2, kCodes | mask(Type::kInt32));
  check.output_types(0, kFloat);
}

// Input `index` along the node's axis, or as one number.
Term along_axis(Builder& b, size_t index) {
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(b.input_dims(index));
  if (count == 1) return Term(index, Dims{});
  const int64_t axis = b.axis(b.attributes().int_or("axis", 1), b.rank(0));
  Dims seen(dims.size() - static_cast<size_t>(axis), 1);
  seen[0] = count;
  if (count != dims[static_cast<size_t>(axis)]) {
    b.fail(
        text("input ", index, " must have 1 or ", dims[static_cast<size_t>(axis)], " elements, has ", count));
  }
  return {index, seen};
}

std::pair<std::string_view, std::string_view> limits(Type type) {
  switch (type) {
    case Type::kInt8:
      return {"-128.0f", "127.0f"};
    case Type::kUint8:
      return {"0.0f", "255.0f"};
    case Type::kInt16:
      return {"-32768.0f", "32767.0f"};
    default:
      return {"0.0f", "65535.0f"};
  }
}

void build_quantize(Builder& b) {
  std::vector<Term> terms{0, along_axis(b, 1)};
  std::string code = "rint($0 / $1)";
  if (b.has_input(2)) {
    terms.push_back(along_axis(b, 2));
    code += " + (float)$2";
  }
  const auto [low, high] = limits(b.output_type(0));
  b.expression(b.input_dims(0), text("($t)fmin(fmax(", code, ", ", low, "), ", high, ")"), terms);
}

void build_dequantize(Builder& b) {
  std::vector<Term> terms{0, along_axis(b, 1)};
  std::string code = "(float)$0 * $1";
  if (b.has_input(2)) {
    terms.push_back(along_axis(b, 2));
    code = "(float)((int)$0 - (int)$2) * $1";
  }
  b.expression(b.input_dims(0), code, terms);
}

constexpr Row kRows[] = {
    {"QuantizeLinear", check_quantize, build_quantize, 10, true},
    {"DequantizeLinear", check_dequantize, build_dequantize, 10, true},
};

}  // namespace

std::span<const Row> quantize_rows() { return kRows; }

}  // namespace bp::opencl
