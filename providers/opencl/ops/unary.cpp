// One input, one output, element by element.
#include "ops/pointwise.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

// With numbers from attributes: `name` and default by position, #0 and #1 in the formula.
template <size_t N>
struct Parameter {
  constexpr Parameter(const char (&text)[N], float value) : name(text), fallback(value) {}
  Code<N> name;
  float fallback;
};

template <Code kCode, Parameter... kParameters>
void build_with(Builder& b) {
  std::string code(kCode.view());
  size_t number = 0;
  const auto put = [&](const auto& parameter) {
    const float value = b.attributes().float_or(parameter.name.view(), parameter.fallback);
    // In integer formulas the numbers stay floats.
    const Type type = in(b.input_type(0), kFloats) ? b.input_type(0) : Type::kFloat32;
    const std::string name = text("#", number++);
    const std::string digits = literal(value, type);
    for (size_t at = code.find(name); at != std::string::npos; at = code.find(name, at + digits.size())) {
      code.replace(at, name.size(), digits);
    }
  };
  (put(kParameters), ...);
  b.expression(b.input_dims(0), std::move(code), {0});
}

void build_gelu(Builder& b) {
  const bool tanh_form = b.attributes().string_or("approximate", "none") == "tanh";
  b.expression(
      b.input_dims(0),
      tanh_form ? "($t)0.5 * $0 * (($t)1 + tanh(($t)0.7978845608028654 * ($0 + ($t)0.044715 * $0 * $0 * $0)))"
                : "($t)0.5 * $0 * (($t)1 + erf($0 * ($t)0.7071067811865476))",
      {0});
}

void check_gelu(Check& check) {
  check_pointwise<kFloats, 1>(check);
  check.string_attribute("approximate", "none", {"none", "tanh"});
}

void build_is_inf(Builder& b) {
  std::string code;
  if (b.attributes().int_or("detect_positive", 1) != 0) code = "$0 == INFINITY";
  if (b.attributes().int_or("detect_negative", 1) != 0)
    code += text(code.empty() ? "" : " || ", "$0 == -INFINITY");
  b.expression(b.input_dims(0), code.empty() ? "$0 != $0 && $0 == $0" : code, {0});
}

template <Code kFloatCode, Code kInteger = "", TypeMask kTypes = kFloats>
constexpr Row unary(std::string_view op_type, int32_t since) {
  return {op_type, check_pointwise<kTypes, 1>, build_unary<kFloatCode, kInteger>, since, true};
}
template <Code kCode, Parameter... kParameters>
constexpr Row with(std::string_view op_type, int32_t since) {
  return {op_type, check_pointwise<kFloats, 1>, build_with<kCode, kParameters...>, since, true};
}

constexpr TypeMask kSigned = kFloats | kSignedInts;

constexpr Row kRows[] = {
    unary<"fabs($0)", "($t)($0 < 0 ? -$0 : $0)", kNumbers>("Abs", 6),
    unary<"acos($0)">("Acos", 7),
    unary<"acosh($0)">("Acosh", 9),
    unary<"asin($0)">("Asin", 7),
    unary<"asinh($0)">("Asinh", 9),
    unary<"atan($0)">("Atan", 7),
    unary<"atanh($0)">("Atanh", 9),
    unary<"~$0", "", kInts>("BitwiseNot", 18),
    unary<"ceil($0)">("Ceil", 6),
    {"Celu", check_pointwise<kFloats, 1>,
     build_with<"$0 < 0 ? #0 * expm1($0 / #0) : $0", Parameter{"alpha", 1.0f}>, 12, true},
    unary<"cos($0)">("Cos", 7),
    unary<"cosh($0)">("Cosh", 9),
    {"Elu", check_pointwise<kFloats, 1>, build_with<"$0 < 0 ? #0 * expm1($0) : $0", Parameter{"alpha", 1.0f}>,
     6, true},
    unary<"erf($0)">("Erf", 9),
    unary<"exp($0)">("Exp", 6),
    unary<"floor($0)">("Floor", 6),
    {"Gelu", check_gelu, build_gelu, 20, true},
    with<"BP_MAX(($t)0, BP_MIN(($t)1, #0 * $0 + #1))", Parameter{"alpha", 0.2f}, Parameter{"beta", 0.5f}>(
        "HardSigmoid", 6),
    unary<"$0 * BP_MAX(($t)0, BP_MIN(($t)1, $0 / ($t)6 + ($t)0.5))">("HardSwish", 14),
    {"IsInf", check_pointwise<kFloats, 1>, build_is_inf, 10, true},
    unary<"$0 != $0">("IsNaN", 9),
    with<"$0 < 0 ? #0 * $0 : $0", Parameter{"alpha", 0.01f}>("LeakyRelu", 6),
    unary<"log($0)">("Log", 6),
    unary<"$0 * tanh(log1p(exp(-fabs($0))) + fmax($0, ($t)0))">("Mish", 18),
    unary<"-$0", "", kSigned>("Neg", 6),
    unary<"$0 ^ 1", "", kBool>("Not", 1),
    unary<"($t)1 / $0">("Reciprocal", 6),
    unary<"$0 < 0 ? ($t)0 : $0", "", kSigned>("Relu", 6),
    unary<"rint($0)">("Round", 11),
    with<"#1 * ($0 < 0 ? #0 * expm1($0) : $0)", Parameter{"alpha", 1.67326319217681884765625f},
         Parameter{"gamma", 1.05070102214813232421875f}>("Selu", 6),
    {"Shrink", check_pointwise<kNumbers, 1>,
     build_with<"($t)($0 < -#1 ? $0 + #0 : $0 > #1 ? $0 - #0 : 0)", Parameter{"bias", 0.0f},
                Parameter{"lambd", 0.5f}>,
     9, true},
    unary<"($t)1 / (($t)1 + exp(-$0))">("Sigmoid", 6),
    unary<"$0 != $0 ? $0 : ($t)(($0 > 0) - ($0 < 0))", "($t)(($0 > 0) - ($0 < 0))", kNumbers>("Sign", 9),
    unary<"sin($0)">("Sin", 7),
    unary<"sinh($0)">("Sinh", 9),
    unary<"log1p(exp(-fabs($0))) + fmax($0, ($t)0)">("Softplus", 1),
    unary<"$0 / (($t)1 + fabs($0))">("Softsign", 1),
    unary<"sqrt($0)">("Sqrt", 6),
    with<"$0 / (($t)1 + exp(-#0 * $0))", Parameter{"alpha", 1.0f}>("Swish", 24),
    unary<"tan($0)">("Tan", 7),
    unary<"tanh($0)">("Tanh", 6),
    with<"$0 > #0 ? $0 : ($t)0", Parameter{"alpha", 1.0f}>("ThresholdedRelu", 10),
};

}  // namespace

std::span<const Row> unary_rows() { return kRows; }

}  // namespace bp::opencl
