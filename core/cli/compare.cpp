// Numbers of every element type are compared as double; 64-bit integers and strings exactly.
#include "compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace bp::cli {
namespace {

double from_half(uint16_t bits) {
  const double sign = (bits & 0x8000u) != 0 ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1F;
  const int mantissa = bits & 0x3FF;
  if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

// Float8 in its four forms; `bias` and the special codes as in ONNX's float8 note.
double from_float8(uint8_t bits, int mantissa_bits, int bias, bool finite_only, bool no_negative_zero) {
  if (no_negative_zero && bits == 0x80) return std::nan("");
  const double sign = (bits & 0x80u) != 0 ? -1.0 : 1.0;
  const int exponent_bits = 7 - mantissa_bits;
  const int exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  if (!no_negative_zero && finite_only && (bits & 0x7Fu) == 0x7F) return std::nan("");
  if (!no_negative_zero && !finite_only && exponent == (1 << exponent_bits) - 1)
    return mantissa != 0 ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * std::ldexp((1 << mantissa_bits) + mantissa, exponent - bias - mantissa_bits);
}

template <class T>
double read(const void* data, int64_t index) {
  T element;
  std::memcpy(&element, static_cast<const T*>(data) + index, sizeof(T));
  return static_cast<double>(element);
}

}  // namespace

double number_at(const Value& value, int64_t index) {
  const void* data = value.data();
  const auto byte = [&](int64_t at) { return static_cast<const uint8_t*>(data)[at]; };
  switch (value.element_type()) {
    case ElementType::kFloat32:
      return read<float>(data, index);
    case ElementType::kFloat64:
      return read<double>(data, index);
    case ElementType::kInt8:
      return read<int8_t>(data, index);
    case ElementType::kInt16:
      return read<int16_t>(data, index);
    case ElementType::kInt32:
      return read<int32_t>(data, index);
    case ElementType::kInt64:
      return read<int64_t>(data, index);
    case ElementType::kUint8:
    case ElementType::kBool:
      return read<uint8_t>(data, index);
    case ElementType::kUint16:
      return read<uint16_t>(data, index);
    case ElementType::kUint32:
      return read<uint32_t>(data, index);
    case ElementType::kUint64:
      return read<uint64_t>(data, index);
    case ElementType::kFloat16:
      return from_half(static_cast<const uint16_t*>(data)[index]);
    case ElementType::kBfloat16:
      return std::bit_cast<float>(static_cast<uint32_t>(static_cast<const uint16_t*>(data)[index]) << 16);
    case ElementType::kFloat8E4M3FN:
      return from_float8(byte(index), 3, 7, true, false);
    case ElementType::kFloat8E4M3FNUZ:
      return from_float8(byte(index), 3, 8, true, true);
    case ElementType::kFloat8E5M2:
      return from_float8(byte(index), 2, 15, false, false);
    case ElementType::kFloat8E5M2FNUZ:
      return from_float8(byte(index), 2, 16, true, true);
    case ElementType::kUint4:
      return (byte(index / 2) >> (index % 2 * 4)) & 0xF;
    case ElementType::kInt4: {
      const int nibble = (byte(index / 2) >> (index % 2 * 4)) & 0xF;
      return nibble >= 8 ? nibble - 16 : nibble;
    }
    default:
      return std::nan("");
  }
}

namespace {

std::string index_text(int64_t flat, const std::vector<int64_t>& dims) {
  std::string text;
  for (size_t axis = dims.size(); axis-- > 0;) {
    text = fmt::format("{}{}{}", flat % dims[axis], text.empty() ? "" : ",", text);
    flat /= dims[axis];
  }
  return "[" + text + "]";
}

std::string tensor_difference(const Value& expected, const Value& found, const Tolerance& tolerance) {
  if (expected.element_type() == ElementType::kString) {
    const auto a = expected.to_strings(), b = found.to_strings();
    if (!a.ok() || !b.ok()) return "strings cannot be read";
    for (size_t index = 0; index < a->size(); ++index)
      if ((*a)[index] != (*b)[index])
        return fmt::format("at {}: expected \"{}\", found \"{}\"",
                           index_text(static_cast<int64_t>(index), expected.dims()), (*a)[index], (*b)[index]);
    return {};
  }
  // The standard's own runner allows bfloat16 two steps of its last digit; older data are cut off, which is
  // one.
  const double least = expected.element_type() == ElementType::kBfloat16 ? 1.0 / 64 : 0;
  const double relative = std::max(tolerance.relative, least);
  int64_t wrong = 0, worst = -1;
  double worst_excess = -1;
  for (int64_t index = 0; index < expected.count(); ++index) {
    const double a = number_at(expected, index), b = number_at(found, index);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double excess = std::abs(a - b) - (tolerance.absolute + relative * std::abs(a));
    if (excess <= 0) continue;
    ++wrong;
    const double rank = std::isnan(excess) ? INFINITY : excess;
    if (rank > worst_excess) {
      worst_excess = rank;
      worst = index;
    }
  }
  if (wrong == 0) return {};
  return fmt::format("{} of {} elements differ, worst at {}: expected {}, found {}", wrong, expected.count(),
                     index_text(worst, expected.dims()), number_at(expected, worst), number_at(found, worst));
}

}  // namespace

std::string difference(const Value& expected, const Value& found, const Tolerance& tolerance) {
  if (expected.is_tensor() && found.is_tensor()) {
    if (expected.element_type() != found.element_type() || expected.dims() != found.dims())
      return "expected " + expected.type_string() + ", found " + found.type_string();
    return tensor_difference(expected, found, tolerance);
  }
  if (expected.kind() != found.kind() || expected.elements().size() != found.elements().size())
    return "expected " + expected.type_string() + ", found " + found.type_string();
  for (size_t index = 0; index < expected.elements().size(); ++index)
    if (std::string inner = difference(expected.elements()[index], found.elements()[index], tolerance);
        !inner.empty())
      return fmt::format("element {}: {}", index, inner);
  return {};
}

}  // namespace bp::cli
