// Between numbers and their quantized form.
#include <algorithm>
#include <cmath>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

struct Range {
  double low, high;
};

Range range_of(ElementType type) {
  switch (type) {
    case ElementType::kInt8:
      return {-128, 127};
    case ElementType::kUint16:
      return {0, 65535};
    case ElementType::kInt16:
      return {-32768, 32767};
    case ElementType::kInt4:
      return {-8, 7};
    case ElementType::kUint4:
      return {0, 15};
    case ElementType::kInt2:
      return {-2, 1};
    case ElementType::kUint2:
      return {0, 3};
    default:
      return {0, 255};
  }
}

// Which scale belongs to an element: one for all, one per place on the axis, or one per block along it.
int64_t scale_place(const OracleCall& call, const std::vector<int64_t>& at, const ConcreteDims& dims) {
  const Array& scale = call.in(1);
  if (scale.count() == 1 && scale.rank() <= 1) return 0;
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 1), static_cast<int64_t>(dims.size())));
  const int64_t block = call.attribute("block_size", 0);
  if (block == 0) return at[axis];
  std::vector<int64_t> place = at;
  place[axis] /= block;
  return broadcast_place(place, scale.dims);
}

std::vector<Array> quantize_linear(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  const bool saturate = call.attribute("saturate", 1) != 0;
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    const int64_t place = scale_place(call, at, x.dims);
    const double scaled = x.real(i) / call.in(1).real(place);
    const double zero = call.has(2) ? call.in(2).real(place) : 0;
    if (y.is_real()) {
      const double limit = largest_of(y.type);
      y.set(i, saturate && !std::isnan(scaled) ? std::clamp(scaled + zero, -limit, limit) : scaled + zero);
    } else {
      const Range range = range_of(y.type);
      y.set(i, std::clamp(std::nearbyint(scaled) + zero, range.low, range.high));
    }
  });
  return {y};
}

std::vector<Array> dequantize_linear(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    const int64_t place = scale_place(call, at, x.dims);
    const double zero = call.has(2) ? call.in(2).real(place) : 0;
    y.set(i, (x.real(i) - zero) * call.in(1).real(place));
  });
  return {y};
}

// uint8, with a range that holds 0.
std::vector<Array> dynamic_quantize_linear(const OracleCall& call) {
  const Array& x = call.in(0);
  double low = 0, high = 0;
  for (int64_t i = 0; i < x.count(); ++i) low = std::min(low, x.real(i)), high = std::max(high, x.real(i));
  const double scale = rounded_to(ElementType::kFloat32, (high - low) / 255);
  const double zero = scale == 0 ? 0 : std::clamp(std::nearbyint(-low / scale), 0.0, 255.0);
  Array y(ElementType::kUint8, x.dims), y_scale(ElementType::kFloat32, {}), y_zero(ElementType::kUint8, {});
  for (int64_t i = 0; i < x.count(); ++i)
    y.set(i, scale == 0 ? zero : std::clamp(std::nearbyint(x.real(i) / scale) + zero, 0.0, 255.0));
  y_scale.set(0, scale);
  y_zero.set(0, zero);
  return {y, y_scale, y_zero};
}

constexpr OracleRow kRows[] = {
    {"", "DequantizeLinear", dequantize_linear},
    {"", "DynamicQuantizeLinear", dynamic_quantize_linear},
    {"", "QuantizeLinear", quantize_linear},
};

}  // namespace

std::span<const OracleRow> quantization_rows() { return kRows; }

}  // namespace bp::conformance
