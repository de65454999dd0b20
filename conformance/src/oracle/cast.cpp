// From one type to another. Numbers that do not fit are undefined in the standard, but for float8 with its
// attribute `saturate`; cases keep to those that fit.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

bool is_float8(ElementType type) {
  return type == ElementType::kFloat8E4M3FN || type == ElementType::kFloat8E4M3FNUZ ||
         type == ElementType::kFloat8E5M2 || type == ElementType::kFloat8E5M2FNUZ;
}

double number_of(const std::string& text) {
  if (text == "INF" || text == "+INF" || text == "inf") return INFINITY;
  if (text == "-INF" || text == "-inf") return -INFINITY;
  if (text == "NaN" || text == "nan") return std::nan("");
  return std::strtod(text.c_str(), nullptr);
}

Array cast_to(const Array& x, ElementType type, bool saturate) {
  Array y(type, x.dims);
  for (int64_t i = 0; i < x.count(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (x.type == ElementType::kString) {
      if (type == ElementType::kString) {
        y.strings[at] = x.strings[at];
      } else {
        y.set(i, number_of(x.strings[at]));
      }
    } else if (type == ElementType::kString) {
      y.strings[at] =
          x.is_real() ? fmt::format("{}", static_cast<float>(x.reals[at])) : std::to_string(x.ints[at]);
    } else if (type == ElementType::kBool) {
      y.ints[at] = x.real(i) != 0 ? 1 : 0;
    } else if (y.is_real()) {
      double value = x.real(i);
      if (is_float8(type) && saturate && !std::isnan(value))
        value = std::clamp(value, -largest_of(type), largest_of(type));
      if (type == ElementType::kFloat4E2M1 && std::isnan(value)) value = largest_of(type);
      y.reals[at] = value;
    } else if (x.is_real()) {
      y.set(i, x.reals[at]);
    } else {
      y.set_wide(i, x.wide(i));
    }
  }
  return y;
}

std::vector<Array> cast(const OracleCall& call) {
  return {cast_to(call.in(0), call.out(0), call.attribute("saturate", 1) != 0)};
}

std::vector<Array> bit_cast(const OracleCall& call) {
  const TensorPtr bits = to_tensor(call.in(0));
  Tensor other = *bits;
  other.type = call.out(0);
  return {to_array(other)};
}

std::vector<Array> identity(const OracleCall& call) { return {call.in(0)}; }

constexpr OracleRow kRows[] = {
    {"", "BitCast", bit_cast},
    {"", "Cast", cast},
    {"", "CastLike", cast},
    {"", "Identity", identity},
};

}  // namespace

std::span<const OracleRow> cast_rows() { return kRows; }

}  // namespace bp::conformance
