#include "kernels/unary_functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "instruction_set.hpp"

namespace bp::cpu {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr UnaryParameters kParameters{0.75f, 0.5f};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }

struct Definition {
  UnaryFunction function;
  std::function<double(double)> of;
  double low = -kInfinity, high = kInfinity;  // where it is compared
};

const std::vector<Definition>& definitions() {
  using F = UnaryFunction;
  static const double a = kParameters.first, b = kParameters.second;
  static const std::vector<Definition> list = {
      {F::kAbs, [](double x) { return std::fabs(x); }},
      {F::kAcos, [](double x) { return std::acos(x); }},
      {F::kAcosh, [](double x) { return std::acosh(x); }},
      {F::kAsin, [](double x) { return std::asin(x); }},
      {F::kAsinh, [](double x) { return std::asinh(x); }},
      {F::kAtan, [](double x) { return std::atan(x); }},
      {F::kAtanh, [](double x) { return std::atanh(x); }},
      {F::kCeil, [](double x) { return std::ceil(x); }},
      {F::kCelu,
       [](double x) { return std::isnan(x) ? x : std::fmax(x, 0) + std::fmin(a * std::expm1(x / a), 0); }},
      {F::kCos, [](double x) { return std::cos(x); }},
      {F::kCosh, [](double x) { return std::cosh(x); }},
      {F::kElu, [](double x) { return x < 0 ? a * std::expm1(x) : x; }},
      {F::kErf, [](double x) { return std::erf(x); }},
      {F::kExp, [](double x) { return std::exp(x); }},
      {F::kFloor, [](double x) { return std::floor(x); }},
      {F::kGeluErf, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2))); }, -1},  // cancels below
      {F::kGeluTanh,
       [](double x) { return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }, -2},
      {F::kHardSigmoid, [](double x) { return std::isnan(x) ? x : std::fmax(0, std::fmin(1, a * x + b)); }},
      {F::kHardSwish, [](double x) { return std::isnan(x) ? x : x * std::fmax(0, std::fmin(1, x / 6 + 0.5)); },
       -2},  // cancels at -3
      {F::kLeakyRelu, [](double x) { return x < 0 ? a * x : x; }},
      {F::kLog, [](double x) { return std::log(x); }},
      {F::kMish, [](double x) { return x * std::tanh(softplus(x)); }, -80},
      {F::kNeg, [](double x) { return -x; }},
      {F::kReciprocal, [](double x) { return 1 / x; }},
      {F::kRelu, [](double x) { return x < 0 ? 0 : x; }},
      {F::kRound, [](double x) { return std::nearbyint(x); }},
      {F::kSelu, [](double x) { return b * (x > 0 ? x : a * std::expm1(x)); }},
      {F::kShrink, [](double x) { return x < -b ? x + a : (x > b ? x - a : 0); }},
      {F::kSigmoid, sigmoid},
      {F::kSign, [](double x) { return x > 0 ? 1 : (x < 0 ? -1 : x); }},
      {F::kSin, [](double x) { return std::sin(x); }},
      {F::kSinh, [](double x) { return std::sinh(x); }},
      {F::kSoftplus, softplus},
      {F::kSoftsign, [](double x) { return x / (1 + std::fabs(x)); }, -1e30, 1e30},
      {F::kSqrt, [](double x) { return std::sqrt(x); }},
      {F::kSwish, [](double x) { return x * sigmoid(a * x); }, -80},
      {F::kTan, [](double x) { return std::tan(x); }},
      {F::kTanh, [](double x) { return std::tanh(x); }},
      {F::kThresholdedRelu, [](double x) { return x > a ? x : 0; }},
  };
  return list;
}

// Magnitudes from denormals to the largest, both signs, and what is special.
std::vector<float> numbers() {
  std::vector<float> list = {0.0f, -0.0f, 0.5f,  -0.5f, 1.5f,   2.5f,    -2.5f,
                             1.0f, -1.0f, 88.7f, 89.5f, -87.5f, -103.5f, -200.0f};
  for (int exponent = -149; exponent < 128; ++exponent) {
    for (const float part : {1.0f, 1.37f}) {
      list.push_back(std::ldexp(part, exponent));
      list.push_back(-std::ldexp(part, exponent));
    }
  }
  for (int step = -400; step <= 400; ++step) list.push_back(static_cast<float>(step) * 0.031f);
  for (const double special : {kInfinity, -kInfinity, kNan}) list.push_back(static_cast<float>(special));
  return list;
}

void expect_close(const Definition& definition, float x, float found, double ulps) {
  const double number = static_cast<double>(x);
  const auto expected = static_cast<float>(definition.of(number));
  if (std::isnan(expected) || std::isinf(expected) || std::isnan(found) || std::isinf(found)) {
    EXPECT_TRUE(std::isnan(expected) ? std::isnan(found) : found == expected)
        << "function " << static_cast<int>(definition.function) << " of " << x << ": expected " << expected
        << ", found " << found;
    return;
  }
  const float next = std::nextafter(std::fabs(expected), std::numeric_limits<float>::infinity());
  const double unit = static_cast<double>(next) - std::fabs(static_cast<double>(expected));
  EXPECT_LE(std::fabs(static_cast<double>(found) - static_cast<double>(expected)), ulps * unit)
      << "function " << static_cast<int>(definition.function) << " of " << x;
}

void check_variant(const UnaryTable<float>& table) {
  ASSERT_EQ(definitions().size(), static_cast<size_t>(UnaryFunction::kCount));
  const std::vector<float> x = numbers();
  for (const Definition& definition : definitions()) {
    std::vector<float> y(x.size());
    table.loops[static_cast<int>(definition.function)](x.data(), y.data(), static_cast<int64_t>(x.size()),
                                                       kParameters);
    for (size_t i = 0; i < x.size(); ++i) {
      const double number = static_cast<double>(x[i]);
      const bool compared = std::isnan(number) || (number >= definition.low && number <= definition.high);
      if (compared) expect_close(definition, x[i], y[i], definition.function == UnaryFunction::kExp ? 2 : 16);
    }
  }
}

TEST(UnaryFunctions, AreRightForAnyProcessor) { check_variant(UnaryVariants<float>::kPlain); }

TEST(UnaryFunctions, AreRightWithAvx2) {
  if (instruction_set() == InstructionSet::kPlain) GTEST_SKIP() << "this processor has no AVX2";
  check_variant(UnaryVariants<float>::kAvx2);
}

TEST(UnaryFunctions, AreRightWithAvx512) {
  if (instruction_set() != InstructionSet::kAvx512) GTEST_SKIP() << "this processor has no AVX-512";
  check_variant(UnaryVariants<float>::kAvx512);
}

TEST(UnaryFunctions, GiveTheSameInPlaceAndInPieces) {
  const std::vector<float> x = numbers();
  for (const Definition& definition : definitions()) {
    const UnaryLoop<float> loop = unary_loop<float>(definition.function);
    std::vector<float> whole(x.size()), pieces = x;
    loop(x.data(), whole.data(), static_cast<int64_t>(x.size()), kParameters);
    for (size_t at = 0, length = 1; at < x.size(); at += length, length = length % 37 + 1) {
      length = std::min(length, x.size() - at);
      loop(pieces.data() + at, pieces.data() + at, static_cast<int64_t>(length), kParameters);
    }
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_TRUE(std::isnan(whole[i])
                      ? std::isnan(pieces[i])
                      : std::bit_cast<uint32_t>(whole[i]) == std::bit_cast<uint32_t>(pieces[i]))
          << "function " << static_cast<int>(definition.function) << " of " << x[i] << ": " << whole[i]
          << " and " << pieces[i];
    }
  }
}

TEST(UnaryFunctions, OfDoubleAreThoseOfLibm) {
  for (const Definition& definition : definitions()) {
    std::vector<double> x, y;
    for (int step = -200; step <= 200; ++step) x.push_back(step * 0.0173 + 0.001);
    y.resize(x.size());
    unary_loop<double>(definition.function)(x.data(), y.data(), static_cast<int64_t>(x.size()), kParameters);
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = definition.of(x[i]);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(y[i]));
      } else {
        EXPECT_NEAR(y[i], expected, 1e-13 * std::max(1.0, std::fabs(expected)))
            << "function " << static_cast<int>(definition.function) << " of " << x[i];
      }
    }
  }
}

}  // namespace
}  // namespace bp::cpu
