// One input, one output, element by element: mathematics.
#include <cmath>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

using Real = double (*)(double);

template <Real function>
std::vector<Array> map_real(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) y.set(i, function(x.real(i)));
  return {y};
}

// Operators that are defined for integers too: those keep all their bits.
template <Real function, Wide (*integer)(Wide)>
std::vector<Array> map_number(const OracleCall& call) {
  const Array& x = call.in(0);
  if (x.is_real()) return map_real<function>(call);
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) y.set_wide(i, integer(x.wide(i)));
  return {y};
}

double reciprocal(double x) { return 1 / x; }
double negative(double x) { return -x; }
double sign(double x) { return std::isnan(x) ? x : x > 0 ? 1 : x < 0 ? -1 : 0; }
double round_even(double x) { return std::nearbyint(x); }  // the default rounding mode: ties to even
double is_nan(double x) { return std::isnan(x) ? 1 : 0; }
double logical_not(double x) { return x == 0 ? 1 : 0; }
Wide absolute(Wide x) { return x < 0 ? -x : x; }
Wide minus(Wide x) { return -x; }
Wide sign_of(Wide x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
Wide inverted(Wide x) { return ~x; }
Wide same(Wide x) { return x; }

std::vector<Array> is_inf(const OracleCall& call) {
  const Array& x = call.in(0);
  const bool positive = call.attribute("detect_positive", 1) != 0,
             negative = call.attribute("detect_negative", 1) != 0;
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) {
    const double value = x.real(i);
    y.set(i, std::isinf(value) && (value > 0 ? positive : negative) ? 1 : 0);
  }
  return {y};
}

// The default bounds are those of the type: they change nothing.
std::vector<Array> clip(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y = x;
  for (int64_t i = 0; i < x.count(); ++i) {
    if (x.is_real()) {
      double value = x.real(i);
      if (call.has(1) && call.in(1).count() > 0 && value < call.in(1).real(0)) value = call.in(1).real(0);
      if (call.has(2) && call.in(2).count() > 0 && value > call.in(2).real(0)) value = call.in(2).real(0);
      y.set(i, value);
    } else {
      Wide value = x.wide(i);
      if (call.has(1) && value < call.in(1).wide(0)) value = call.in(1).wide(0);
      if (call.has(2) && value > call.in(2).wide(0)) value = call.in(2).wide(0);
      y.set_wide(i, value);
    }
  }
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "Abs", map_number<std::fabs, absolute>},
    {"", "Acos", map_real<std::acos>},
    {"", "Acosh", map_real<std::acosh>},
    {"", "Asin", map_real<std::asin>},
    {"", "Asinh", map_real<std::asinh>},
    {"", "Atan", map_real<std::atan>},
    {"", "Atanh", map_real<std::atanh>},
    {"", "Ceil", map_real<std::ceil>},
    {"", "Clip", clip},
    {"", "Cos", map_real<std::cos>},
    {"", "Cosh", map_real<std::cosh>},
    {"", "Erf", map_number<std::erf, same>},
    {"", "Exp", map_real<std::exp>},
    {"", "Floor", map_real<std::floor>},
    {"", "IsInf", is_inf},
    {"", "IsNaN", map_real<is_nan>},
    {"", "Log", map_real<std::log>},
    {"", "Neg", map_number<negative, minus>},
    {"", "Not", map_real<logical_not>},
    {"", "Reciprocal", map_real<reciprocal>},
    {"", "Round", map_real<round_even>},
    {"", "Sign", map_number<sign, sign_of>},
    {"", "Sin", map_real<std::sin>},
    {"", "Sinh", map_real<std::sinh>},
    {"", "Sqrt", map_real<std::sqrt>},
    {"", "Tan", map_real<std::tan>},
    {"", "Tanh", map_real<std::tanh>},
    {"", "BitwiseNot", map_number<negative, inverted>},
};

}  // namespace

std::span<const OracleRow> unary_rows() { return kRows; }

}  // namespace bp::conformance
