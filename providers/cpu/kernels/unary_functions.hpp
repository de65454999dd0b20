// Functions of one floating-point number applied to many, compiled once per instruction set.
#pragma once

#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// clang-format off
#define BP_CPU_UNARY_FUNCTIONS(X) \
  X(Abs) X(Acos) X(Acosh) X(Asin) X(Asinh) X(Atan) X(Atanh) X(Ceil) X(Celu) X(Cos) X(Cosh) X(Elu) X(Erf) \
  X(Exp) X(Floor) X(GeluErf) X(GeluTanh) X(HardSigmoid) X(HardSwish) X(LeakyRelu) X(Log) X(Mish) X(Neg) \
  X(Reciprocal) X(Relu) X(Round) X(Selu) X(Shrink) X(Sigmoid) X(Sign) X(Sin) X(Sinh) X(Softplus) \
  X(Softsign) X(Sqrt) X(Swish) X(Tan) X(Tanh) X(ThresholdedRelu)
// clang-format on

#define BP_CPU_NAME_FUNCTION(name) k##name,
enum class UnaryFunction : uint8_t { BP_CPU_UNARY_FUNCTIONS(BP_CPU_NAME_FUNCTION) kCount };
#undef BP_CPU_NAME_FUNCTION

// The node's attributes, by the operator's order: alpha and beta or gamma; Shrink: bias, lambd.
struct UnaryParameters {
  float first = 0;
  float second = 0;
};

// y may be x.
template <class C>
using UnaryLoop = void (*)(const C* x, C* y, int64_t count, const UnaryParameters& parameters);

// The best for this processor; C is float or double.
template <class C>
UnaryLoop<C> unary_loop(UnaryFunction function);

// Elements of any floating-point type; the 16-bit ones are computed as float32 and rounded once.
void apply_unary(Type type, UnaryFunction function, const UnaryParameters& parameters, const void* x, void* y,
                 int64_t count);

template <class C>
struct UnaryTable {
  UnaryLoop<C> loops[static_cast<int>(UnaryFunction::kCount)];
};
template <class C>
struct UnaryVariants {
  static const UnaryTable<C> kPlain;
  static const UnaryTable<C> kAvx2;
  static const UnaryTable<C> kAvx512;
};

}  // namespace bp::cpu
