// The functions of unary_functions.hpp, without branches so that their loops are loops of vectors. Everything
// is local to the file that includes this.
#pragma once

#include <cmath>
#include <limits>

#include "kernels/elements_apart.hpp"
#include "kernels/lane_math.hpp"
#include "kernels/unary_functions.hpp"

namespace bp::cpu {

namespace {

// A function object per function, made from the parameters: `C operator()(C x) const` on float and double. NaN
// stays NaN.
template <class C>
struct Numbers {
  explicit Numbers(const UnaryParameters& p)
      : first(static_cast<C>(p.first)), second(static_cast<C>(p.second)) {}
  C first, second;
};

#define BP_CPU_FUNCTION(name, ...)          \
  template <class C>                        \
  struct name : Numbers<C> {                \
    using Numbers<C>::Numbers;              \
    C operator()(C x) const { __VA_ARGS__ } \
  };

BP_CPU_FUNCTION(Abs, return std::fabs(x);)
BP_CPU_FUNCTION(Acos, return lanes::acos(x);)
BP_CPU_FUNCTION(Acosh, return lanes::acosh(x);)
BP_CPU_FUNCTION(Asin, return lanes::asin(x);)
BP_CPU_FUNCTION(Asinh, return lanes::asinh(x);)
BP_CPU_FUNCTION(Atan, return lanes::atan(x);)
BP_CPU_FUNCTION(Atanh, return lanes::atanh(x);)
BP_CPU_FUNCTION(Ceil, return std::ceil(x);)
BP_CPU_FUNCTION(Cos, return lanes::cos(x);)
BP_CPU_FUNCTION(Cosh, return lanes::cosh(x);)
BP_CPU_FUNCTION(Erf, return lanes::erf(x);)
BP_CPU_FUNCTION(Exp, return lanes::exp(x);)
BP_CPU_FUNCTION(Floor, return std::floor(x);)
BP_CPU_FUNCTION(Log, return lanes::log(x);)
BP_CPU_FUNCTION(Neg, return -x;)
BP_CPU_FUNCTION(Reciprocal, return C(1) / x;)
BP_CPU_FUNCTION(Relu, return x < C(0) ? C(0) : x;)
BP_CPU_FUNCTION(Round, return std::nearbyint(x);)  // halves to even, in the default rounding mode
BP_CPU_FUNCTION(Sin, return lanes::sin(x);)
BP_CPU_FUNCTION(Sinh, return lanes::sinh(x);)
BP_CPU_FUNCTION(Softsign, return x / (C(1) + std::fabs(x));)
BP_CPU_FUNCTION(Sqrt, return std::sqrt(x);)
BP_CPU_FUNCTION(Tan, return lanes::tan(x);)
BP_CPU_FUNCTION(Tanh, return lanes::tanh(x);)

BP_CPU_FUNCTION(Celu, const C below = this->first * lanes::expm1(x / this->first);
                return (x > C(0) ? x : C(0)) + (below > C(0) ? C(0) : below);)
BP_CPU_FUNCTION(Elu, const C below = this->first * lanes::expm1(x); return x < C(0) ? below : x;)
BP_CPU_FUNCTION(Selu, const C below = this->first * lanes::expm1(x);
                return this->second * (x > C(0) ? x : below);)
BP_CPU_FUNCTION(GeluErf, return C(0.5) * x * (C(1) + lanes::erf(x * C(0.7071067811865476)));)
BP_CPU_FUNCTION(GeluTanh, const C inner = C(0.7978845608028654) * (x + C(0.044715) * x * x * x);
                return C(0.5) * x * (C(1) + lanes::tanh(inner));)
BP_CPU_FUNCTION(HardSigmoid, C y = this->first * x + this->second; y = y > C(1) ? C(1) : y;
                return y < C(0) ? C(0) : y;)
BP_CPU_FUNCTION(HardSwish, C y = x / C(6) + C(0.5); y = y > C(1) ? C(1) : y; return x * (y < C(0) ? C(0) : y);)
BP_CPU_FUNCTION(LeakyRelu, const C below = this->first * x; return x < C(0) ? below : x;)
BP_CPU_FUNCTION(Shrink, const C above = x - this->first; const C below = x + this->first;
                return x > this->second ? above : (x < -this->second ? below : C(0));)
BP_CPU_FUNCTION(Sign, return x > C(0) ? C(1) : (x < C(0) ? C(-1) : (x == C(0) ? C(0) : x));)
BP_CPU_FUNCTION(ThresholdedRelu, return x > this->first ? x : C(0);)

// exp of no positive number overflows.
template <class C>
C sigmoid(C x) {
  const C e = lanes::exp(-std::fabs(x));
  const C y = C(1) / (C(1) + e);
  return x < C(0) ? e * y : y;
}
BP_CPU_FUNCTION(Sigmoid, return sigmoid(x);)
BP_CPU_FUNCTION(Swish, return x * sigmoid(this->first * x);)
BP_CPU_FUNCTION(Softplus, return (x > C(0) ? x : C(0)) + lanes::log1p(lanes::exp(-std::fabs(x)));)
// x tanh(log(1 + e^x)), with n = e^2x + 2 e^x: n / (n + 2). Above 40 the quotient is 1.
BP_CPU_FUNCTION(Mish, const C e = lanes::exp(x > C(40) ? C(40) : x); const C n = e * (e + C(2));
                return x * (n / (n + C(2)));)

#undef BP_CPU_FUNCTION

// `count`: whole vectors. Not inlined, so that all elements go through the same instructions.
template <class C, template <class> class Function>
[[gnu::noinline]] void run_vectors(const C* x, C* y, int64_t count, const Function<C> function) {
  constexpr int64_t kLanes = 64 / sizeof(C);
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count / kLanes * kLanes; ++i) y[i] = function(x[i]);
}

// An element's result does not depend on where threads part the tensor: what is left behind the last whole
// vector goes through a vector of its own.
template <class C, template <class> class Function>
void run_loop(const C* x, C* y, int64_t count, const UnaryParameters& parameters) {
  constexpr int64_t kLanes = 64 / sizeof(C);
  const Function<C> function(parameters);
  const int64_t whole = count / kLanes * kLanes;
  run_vectors<C, Function>(x, y, whole, function);
  if (whole == count) return;
  C rest[kLanes] = {};
  for (int64_t i = whole; i < count; ++i) rest[i - whole] = x[i];
  run_vectors<C, Function>(rest, rest, kLanes, function);
  for (int64_t i = whole; i < count; ++i) y[i] = rest[i - whole];
}

#define BP_CPU_FUNCTION_LOOP(name) run_loop<C, name>,
template <class C>
constexpr UnaryTable<C> kUnaryLoops = {{BP_CPU_UNARY_FUNCTIONS(BP_CPU_FUNCTION_LOOP)}};
#undef BP_CPU_FUNCTION_LOOP

}  // namespace

}  // namespace bp::cpu
