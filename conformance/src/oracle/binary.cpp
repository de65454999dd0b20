// Several inputs, broadcast against each other.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

template <class Place>
Array combined(const Array& a, const Array& b, ElementType type, Place&& place) {
  Array y(type, broadcast(a.dims, b.dims));
  for_each_index(y.dims, [&](const std::vector<int64_t>& index, int64_t flat) {
    place(y, flat, broadcast_place(index, a.dims), broadcast_place(index, b.dims));
  });
  return y;
}

// Real functions in double; of integers in 128 bits, of which the type keeps the low ones.
template <class Real, class Integer>
Array combine(const Array& a, const Array& b, ElementType type, Real&& real, Integer&& integer) {
  return combined(a, b, type, [&](Array& y, int64_t flat, int64_t i, int64_t j) {
    if (a.is_real() || b.is_real()) {
      y.set(flat, real(a.real(i), b.real(j)));
    } else {
      y.set_wide(flat, integer(a.wide(i), b.wide(j)));
    }
  });
}

template <class Real, class Integer>
std::vector<Array> binary(const OracleCall& call, Real&& real, Integer&& integer) {
  return {combine(call.in(0), call.in(1), call.out(0), real, integer)};
}

Wide times(Wide a, Wide b) {
  return static_cast<Wide>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));  // only 64 bits are kept
}
double larger(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }
double smaller(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::min(a, b); }

std::vector<Array> add(const OracleCall& call) { return binary(call, std::plus<>(), std::plus<>()); }
std::vector<Array> sub(const OracleCall& call) { return binary(call, std::minus<>(), std::minus<>()); }
std::vector<Array> mul(const OracleCall& call) { return binary(call, std::multiplies<>(), times); }
std::vector<Array> div(const OracleCall& call) {
  return binary(call, std::divides<>(), [](Wide a, Wide b) -> Wide { return b == 0 ? 0 : a / b; });
}

std::vector<Array> mod(const OracleCall& call) {
  // fmod 1: the sign of the dividend; 0, for integers: that of the divisor.
  const bool c_like = call.attribute("fmod", 0) != 0;
  return binary(
      call,
      [&](double a, double b) {
        const double rest = std::fmod(a, b);
        return c_like || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b;
      },
      [&](Wide a, Wide b) -> Wide {
        if (b == 0) return 0;
        const Wide rest = a % b;
        return c_like || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b;
      });
}

Wide integer_power(Wide base, Wide exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  Wide result = 1;
  for (; exponent > 0; --exponent) result = times(result, base);
  return result;
}

std::vector<Array> pow(const OracleCall& call) {
  return binary(
      call, [](double a, double b) { return std::pow(a, b); }, integer_power);
}

std::vector<Array> bit_shift(const OracleCall& call) {
  const bool left = call.text_attribute("direction", "") == "LEFT";
  return binary(call, std::plus<>(), [&](Wide a, Wide b) -> Wide {
    if (b >= 64) return 0;
    return left ? static_cast<Wide>(static_cast<uint64_t>(a) << static_cast<int>(b)) : a >> static_cast<int>(b);
  });
}

std::vector<Array> bitwise_and(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_and<>()); }
std::vector<Array> bitwise_or(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_or<>()); }
std::vector<Array> bitwise_xor(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_xor<>()); }
std::vector<Array> logical_and(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_and<>()); }
std::vector<Array> logical_or(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_or<>()); }
std::vector<Array> logical_xor(const OracleCall& call) { return binary(call, std::plus<>(), std::bit_xor<>()); }

template <class Compare>
std::vector<Array> comparison(const OracleCall& call) {
  return binary(
      call, [](double a, double b) { return Compare()(a, b) ? 1.0 : 0.0; },
      [](Wide a, Wide b) -> Wide { return Compare()(a, b) ? 1 : 0; });
}

std::vector<Array> equal(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(1);
  if (a.type != ElementType::kString) return comparison<std::equal_to<>>(call);
  return {combined(a, b, ElementType::kBool, [&](Array& y, int64_t flat, int64_t i, int64_t j) {
    y.ints[static_cast<size_t>(flat)] = a.strings[static_cast<size_t>(i)] == b.strings[static_cast<size_t>(j)];
  })};
}

template <class Real, class Integer>
Array fold(const OracleCall& call, Real&& real, Integer&& integer) {
  Array result = call.in(0);
  for (size_t input = 1; input < call.inputs.size(); ++input)
    result = combine(result, call.in(input), call.out(0), real, integer);
  return result;
}

std::vector<Array> max(const OracleCall& call) {
  return {fold(call, larger, [](Wide a, Wide b) { return std::max(a, b); })};
}
std::vector<Array> min(const OracleCall& call) {
  return {fold(call, smaller, [](Wide a, Wide b) { return std::min(a, b); })};
}
std::vector<Array> sum(const OracleCall& call) { return {fold(call, std::plus<>(), std::plus<>())}; }
std::vector<Array> mean(const OracleCall& call) {
  Array result = fold(call, std::plus<>(), std::plus<>());
  for (double& value : result.reals) value /= static_cast<double>(call.inputs.size());
  return {result};
}

std::vector<Array> prelu(const OracleCall& call) {
  return binary(
      call, [](double x, double slope) { return x < 0 ? slope * x : x; },
      [](Wide x, Wide slope) { return x < 0 ? times(slope, x) : x; });
}

std::vector<Array> where(const OracleCall& call) {
  const Array &condition = call.in(0), &x = call.in(1), &y = call.in(2);
  Array result(call.out(0), broadcast(broadcast(condition.dims, x.dims), y.dims));
  for_each_index(result.dims, [&](const std::vector<int64_t>& index, int64_t flat) {
    const Array& from =
        condition.ints[static_cast<size_t>(broadcast_place(index, condition.dims))] != 0 ? x : y;
    result.copy_element(flat, from, broadcast_place(index, from.dims));
  });
  return {result};
}

constexpr OracleRow kRows[] = {
    {"", "Add", add},
    {"", "And", logical_and},
    {"", "BitShift", bit_shift},
    {"", "BitwiseAnd", bitwise_and},
    {"", "BitwiseOr", bitwise_or},
    {"", "BitwiseXor", bitwise_xor},
    {"", "Div", div},
    {"", "Equal", equal},
    {"", "Greater", comparison<std::greater<>>},
    {"", "GreaterOrEqual", comparison<std::greater_equal<>>},
    {"", "Less", comparison<std::less<>>},
    {"", "LessOrEqual", comparison<std::less_equal<>>},
    {"", "Max", max},
    {"", "Mean", mean},
    {"", "Min", min},
    {"", "Mod", mod},
    {"", "Mul", mul},
    {"", "Or", logical_or},
    {"", "PRelu", prelu},
    {"", "Pow", pow},
    {"", "Sub", sub},
    {"", "Sum", sum},
    {"", "Where", where},
    {"", "Xor", logical_xor},
};

}  // namespace

std::span<const OracleRow> binary_rows() { return kRows; }

}  // namespace bp::conformance
