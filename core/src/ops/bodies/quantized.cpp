// Quantized operators by arithmetic in float32. Sums of products of 8-bit values are exact there up to 2^24.
#include <optional>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

constexpr int64_t kFloat32 = 1;

struct Range {
  float low = 0;
  float high = 0;
};

// The values of a quantized type; none for types that float32 does not hold exactly.
std::optional<Range> range_of(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return Range{0, 255};
    case ElementType::kInt8:
      return Range{-128, 127};
    case ElementType::kUint16:
      return Range{0, 65535};
    case ElementType::kInt16:
      return Range{-32768, 32767};
    default:
      return std::nullopt;
  }
}

bool is_float8(ElementType type) {
  return type == ElementType::kFloat8E4M3FN || type == ElementType::kFloat8E4M3FNUZ ||
         type == ElementType::kFloat8E5M2 || type == ElementType::kFloat8E5M2FNUZ;
}

// One value for the whole tensor, written as [] or [1].
bool is_single(const BodyBuilder& b, size_t i) {
  return b.rank(i) == 0 || (b.rank(i) == 1 && (*b.dims(i))[0] == Dim::of(1));
}

// Scale or zero point, [C] put along `axis` of `rank` dims; single ones stay.
ValueId along_axis(BodyBuilder& b, size_t i, int64_t rank, int64_t axis) {
  if (is_single(b, i)) return b.input(i);
  std::vector<int64_t> shape(static_cast<size_t>(rank), 1);
  shape[static_cast<size_t>(axis)] = -1;
  return b.add("Reshape", {b.input(i), b.ints(shape)});
}

// The axis of scales with one entry per slice; nothing for blocks, or where a rank is not known.
std::optional<int64_t> slice_axis(const BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t scale_rank = b.rank(1);
  if (rank < 0 || scale_rank < 0 || scale_rank > 1 || b.node().int_or("block_size", 0) != 0)
    return std::nullopt;
  if (scale_rank == 0 || (rank > 0 && is_single(b, 1))) return 0;
  const int64_t axis = b.node().int_or("axis", 1);
  const int64_t at = axis < 0 ? axis + rank : axis;
  if (rank == 0 || at < 0 || at >= rank) return std::nullopt;
  return at;
}

// (x - zero) * scale, all as float32.
ValueId real(BodyBuilder& b, size_t x, size_t scale, size_t zero) {
  const ValueId value = b.add("Cast", {b.input(x)}, {{"to", kFloat32}});
  const ValueId offset = b.add("Cast", {b.input(zero)}, {{"to", kFloat32}});
  return b.add("Mul", {b.add("Sub", {value, offset}), b.input(scale)});
}

// round(x / scale) + zero, held within the type of `zero`.
ValueId quantized(BodyBuilder& b, ValueId x, ValueId scale, ValueId zero, ElementType type) {
  const Range range = *range_of(type);
  const ValueId whole = b.add("Round", {b.add("Div", {x, scale})});
  const ValueId moved =
      zero == kNoId ? whole : b.add("Add", {whole, b.add("Cast", {zero}, {{"to", kFloat32}})});
  const ValueId held = b.add("Clip", {moved, b.float_scalar(range.low), b.float_scalar(range.high)});
  return b.add("Cast", {held}, {{"to", static_cast<int64_t>(type)}});
}

}  // namespace

bool quantize_linear(BodyBuilder& b) {
  const auto axis = slice_axis(b);
  ElementType type =
      b.has_input(2) ? b.element(2) : static_cast<ElementType>(b.node().int_or("output_dtype", 0));
  if (type == ElementType::kUndefined) type = ElementType::kUint8;
  if (!axis || b.element(0) != ElementType::kFloat32 || b.element(1) != ElementType::kFloat32 ||
      !range_of(type))
    return false;
  const ValueId scale = along_axis(b, 1, b.rank(0), *axis);
  const ValueId zero = b.has_input(2) ? along_axis(b, 2, b.rank(0), *axis) : kNoId;
  b.output(quantized(b, b.input(0), scale, zero, type));
  return true;
}

bool dequantize_linear(BodyBuilder& b) {
  const auto axis = slice_axis(b);
  if (!axis || b.element(1) != ElementType::kFloat32) return false;
  const bool plain = range_of(b.element(0)).has_value() || b.element(0) == ElementType::kInt32;
  if (!plain) return false;
  ValueId value = b.add("Cast", {b.input(0)}, {{"to", kFloat32}});
  if (b.has_input(2)) {
    const ValueId zero = along_axis(b, 2, b.rank(0), *axis);
    value = b.add("Sub", {value, b.add("Cast", {zero}, {{"to", kFloat32}})});
  }
  b.output(b.add("Mul", {value, along_axis(b, 1, b.rank(0), *axis)}));
  return true;
}

// a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero; one scale and zero point each.
bool qlinear_matmul(BodyBuilder& b) {
  for (const size_t i : {1, 2, 4, 5, 6, 7}) {
    if (!is_single(b, i)) return false;
  }
  if (is_float8(b.element(0)) || is_float8(b.element(3)) || is_float8(b.element(7))) {
    const ValueId left = b.add("DequantizeLinear", {b.input(0), b.input(1), b.input(2)});
    const ValueId right = b.add("DequantizeLinear", {b.input(3), b.input(4), b.input(5)});
    b.output(b.add("QuantizeLinear", {b.add("MatMul", {left, right}), b.input(6), b.input(7)}));
    return true;
  }
  if (b.element(1) != ElementType::kFloat32 || !range_of(b.element(7))) return false;
  const ValueId product = b.add("MatMul", {real(b, 0, 1, 2), real(b, 3, 4, 5)});
  b.output(quantized(b, product, b.input(6), b.input(7), b.element(7)));
  return true;
}

// x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias (int32, of scale x_scale * w_scale)
bool qlinear_conv(BodyBuilder& b) {
  const int64_t rank = b.rank(3);
  if (rank < 3 || b.rank(4) < 0 || b.rank(4) > 1 || b.rank(5) < 0 || b.rank(5) > 1 || !range_of(b.element(7)))
    return false;
  const ValueId weights = b.add("Cast", {b.input(3)}, {{"to", kFloat32}});
  const ValueId zero = b.add("Cast", {along_axis(b, 5, rank, 0)}, {{"to", kFloat32}});
  const ValueId scale = along_axis(b, 4, rank, 0);
  std::vector<ValueId> inputs{real(b, 0, 1, 2), b.add("Mul", {b.add("Sub", {weights, zero}), scale})};
  if (b.has_input(8)) {
    const ValueId bias = b.add("Cast", {b.input(8)}, {{"to", kFloat32}});
    inputs.push_back(b.add("Mul", {bias, b.add("Mul", {b.input(1), b.input(4)})}));
  }
  const ValueId sum = b.add("Conv", std::move(inputs), b.node().attributes);
  b.output(quantized(b, sum, b.input(6), b.input(7), b.element(7)));
  return true;
}

}  // namespace bp::bodies
