// Loops over short runs of elements from which chains of pointwise operators are made, compiled once per
// instruction set. float16 and bfloat16 are not among the types: a chain computes them as float32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// clang-format off
#define BP_CPU_ARITHMETIC_FUNCTIONS(X) X(Add) X(Sub) X(Mul) X(Div) X(Max) X(Min) X(PRelu) X(AtLeast) X(AtMost)
#define BP_CPU_COMPARISON_FUNCTIONS(X) X(Equal) X(Less) X(LessOrEqual) X(Greater) X(GreaterOrEqual)
#define BP_CPU_LOGIC_FUNCTIONS(X) X(And) X(Or) X(Xor)
#define BP_CPU_BINARY_FUNCTIONS(X) \
  BP_CPU_ARITHMETIC_FUNCTIONS(X) X(Pow) BP_CPU_COMPARISON_FUNCTIONS(X) BP_CPU_LOGIC_FUNCTIONS(X)
// clang-format on

#define BP_CPU_NAME_FUNCTION(name) k##name,
enum class BinaryFunction : uint8_t { BP_CPU_BINARY_FUNCTIONS(BP_CPU_NAME_FUNCTION) kCount };
#undef BP_CPU_NAME_FUNCTION

// Bools for any other type.
constexpr bool is_comparison(BinaryFunction function) {
  return function >= BinaryFunction::kEqual && function <= BinaryFunction::kGreaterOrEqual;
}

// Which of two inputs are runs of elements; the other one is a single element.
enum class Runs : uint8_t { kBoth, kFirst, kSecond };

// `out` may be an input's run.
using BinaryLoop = void (*)(const void* a, const void* b, void* out, int64_t count);
// condition[i] != 0 ? yes[i] : no[i]; the condition is a run.
using SelectLoop = void (*)(const void* condition, const void* yes, const void* no, void* out, int64_t count);

struct PointwiseLoops {
  // nullptr: not for this type. float32, float64, int32, int64, bool.
  BinaryLoop (*binary)(BinaryFunction function, Type type, Runs runs);
  // Elements of 1, 4 or 8 bytes, otherwise nullptr; single elements where not `yes_run` or not `no_run`.
  SelectLoop (*select)(uint32_t element_bytes, bool yes_run, bool no_run);
};

struct PointwiseVariants {
  static const PointwiseLoops kPlain;
  static const PointwiseLoops kAvx2;
  static const PointwiseLoops kAvx512;
};

const PointwiseLoops& pointwise_loops();

}  // namespace bp::cpu
