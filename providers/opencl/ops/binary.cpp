// Two inputs that broadcast, one output: arithmetic, comparison, logic, bits. And the variadic forms of the
// same (Max, Min, Sum, Mean), which fold over their inputs.
#include "ops/pointwise.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

// Integers: division by zero gives 0, which ONNX leaves open; the lowest number by -1 wraps.
constexpr Code kDivide = "$1 == 0 ? ($t)0 : $1 == -1 ? ($t)(0 - $0) : ($t)($0 / ($1 == 0 ? 1 : $1))";
constexpr Code kDivideUnsigned = "$1 == 0 ? ($t)0 : ($t)($0 / ($1 == 0 ? 1 : $1))";
// The sign of the dividend, as C has it.
constexpr Code kRest = "$1 == 0 || $1 == -1 ? ($t)0 : ($t)($0 % ($1 == 0 ? 1 : $1))";
constexpr Code kRestUnsigned = "$1 == 0 ? ($t)0 : ($t)($0 % ($1 == 0 ? 1 : $1))";

void build_mod(Builder& b) {
  const Dims dims = broadcast_dims(b.input_dims(0), b.input_dims(1), b.node().label());
  const Type type = b.input_type(0);
  std::string code = "fmod($0, $1)";
  if (in(type, kUnsignedInts)) {
    code = kRestUnsigned.view();
  } else if (in(type, kSignedInts)) {
    code = kRest.view();
    // The sign of the divisor, as Python has it.
    if (b.attributes().int_or("fmod", 0) == 0) code = "($t)bp_floor_mod($0, $1)";
  } else if (b.attributes().int_or("fmod", 0) == 0) {
    code =
        "fmod($0, $1) == 0 ? copysign(fmod($0, $1), $1) : "
        "(fmod($0, $1) < 0) != ($1 < 0) ? fmod($0, $1) + $1 : fmod($0, $1)";
  }
  b.expression(dims, std::move(code), {0, 1});
}

void check_shift(Check& check) {
  check_pointwise<kInts, 2>(check);
  check.string_attribute("direction", "", {"LEFT", "RIGHT"});
}

// By as many bits as there are, or by a negative number: what is left is copies of the sign.
void build_shift(Builder& b) {
  const bool left = b.attributes().string_or("direction", "") == "LEFT";
  const uint32_t bits = element_size(b.input_type(0)) * 8;
  const std::string inside = text("(ulong)$1 < ", bits, "u");
  b.expression(
      broadcast_dims(b.input_dims(0), b.input_dims(1), b.node().label()),
      left ? inside + " ? ($t)((ulong)$0 << $1) : ($t)0" : inside + " ? ($t)($0 >> $1) : ($t)($0 < 0 ? -1 : 0)",
      {0, 1});
}

void check_power(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats | mask(Type::kInt32, Type::kInt64));
  check.types(1, kNumbers);
}

// The exponent has a type of its own. Small ones, which models are full of, are products.
void build_power(Builder& b) {
  const Dims dims = broadcast_dims(b.input_dims(0), b.input_dims(1), b.node().label());
  const HostTensor* exponent = b.value(1);
  const double known = exponent != nullptr && exponent->count() == 1 ? exponent->floats()[0] : 0;
  const bool integer = in(b.input_type(0), kInts);
  std::string code = "pow($0, ($t)$1)";
  if (known == 2) {
    code = "$0 * $0";
  } else if (known == 3) {
    code = "$0 * $0 * $0";
  } else if (!integer && known == 0.5) {
    code = "sqrt($0)";
  } else if (integer && in(b.input_type(1), kInts)) {
    code = "($t)bp_power((long)$0, (long)$1)";
  } else if (integer) {
    code = b.traits().fp64 ? "($t)pow((double)$0, (double)$1)" : "($t)rint(pow((float)$0, (float)$1))";
  }
  b.expression(dims, std::move(code), {0, 1});
}

template <Code kCode, bool kMean = false>
void build_variadic(Builder& b) {
  Dims dims = b.input_dims(0);
  std::vector<Term> terms{0};
  for (size_t i = 1; i < b.input_count(); ++i) {
    dims = broadcast_dims(dims, b.input_dims(i), b.node().label());
    terms.emplace_back(i);
  }
  // As a call per input: bp_max(bp_max($0, $1), $2)
  std::string code = "$0";
  for (size_t i = 1; i < terms.size(); ++i) code = text(kCode.view(), "(", code, ", $", i, ")");
  if (kMean) code = text("(", code, ") / ($t)", terms.size());
  b.expression(std::move(dims), std::move(code), terms);
}

// Formulas name ten inputs at most.
template <TypeMask kTypes>
void check_variadic(Check& check) {
  check_pointwise<kTypes, 1>(check);
  if (check.input_count() <= 10) return;
  check.reject(BP_REASON_OTHER, text("expected at most 10 inputs, found ", check.input_count()));
}

template <TypeMask kTypes, Code kFloatCode, Code kSigned = "", Code kUnsigned = "">
constexpr Row binary(std::string_view op_type, int32_t since) {
  return {op_type, check_pointwise<kTypes, 2>, build_binary<kFloatCode, kSigned, kUnsigned>, since, true};
}

constexpr Row kRows[] = {
    binary<kNumbers, "$0 + $1">("Add", 7),
    binary<kNumbers, "$0 - $1">("Sub", 7),
    binary<kNumbers, "$0 * $1">("Mul", 7),
    binary<kNumbers, "$0 / $1", kDivide, kDivideUnsigned>("Div", 7),
    binary<kNumbers, "$0 < 0 ? ($t)($0 * $1) : $0">("PRelu", 7),
    {"Mod", check_pointwise<kNumbers, 2>, build_mod, 10, true},
    {"Pow", check_power, build_power, 7, true},
    binary<kBool, "$0 && $1">("And", 7),
    binary<kBool, "$0 || $1">("Or", 7),
    binary<kBool, "$0 != $1">("Xor", 7),
    binary<kInts, "$0 & $1">("BitwiseAnd", 18),
    binary<kInts, "$0 | $1">("BitwiseOr", 18),
    binary<kInts, "$0 ^ $1">("BitwiseXor", 18),
    {"BitShift", check_shift, build_shift, 11, true},
    binary<kMovable, "$0 == $1">("Equal", 7),
    binary<kNumbers, "$0 < $1">("Less", 7),
    binary<kNumbers, "$0 <= $1">("LessOrEqual", 12),
    binary<kNumbers, "$0 > $1">("Greater", 7),
    binary<kNumbers, "$0 >= $1">("GreaterOrEqual", 12),
    {"Max", check_variadic<kNumbers>, build_variadic<"BP_MAX">, 8, true},
    {"Min", check_variadic<kNumbers>, build_variadic<"BP_MIN">, 8, true},
    {"Sum", check_variadic<kFloats>, build_variadic<"BP_ADD">, 8, true},
    {"Mean", check_variadic<kFloats>, build_variadic<"BP_ADD", true>, 8, true},
};

}  // namespace

std::span<const Row> binary_rows() { return kRows; }

}  // namespace bp::opencl
