// One element at a time, and pairs of them.
#include <array>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

struct Range {
  const char* op_type;
  double low, high;
};

// Where the function is defined and of moderate size.
constexpr Range kUnary[] = {
    {"Abs", -5, 5},
    {"Acos", -0.99, 0.99},
    {"Acosh", 1.01, 9},
    {"Asin", -0.99, 0.99},
    {"Asinh", -9, 9},
    {"Atan", -9, 9},
    {"Atanh", -0.95, 0.95},
    {"Ceil", -9, 9},
    {"Cos", -9, 9},
    {"Cosh", -5, 5},
    {"Erf", -3, 3},
    {"Exp", -5, 5},
    {"Floor", -9, 9},
    {"Identity", -9, 9},
    {"IsInf", -9, 9},
    {"IsNaN", -9, 9},
    {"Log", 0.05, 9},
    {"Neg", -9, 9},
    {"Reciprocal", 0.2, 9},
    {"Round", -9, 9},
    {"Sign", -9, 9},
    {"Sin", -9, 9},
    {"Sinh", -5, 5},
    {"Sqrt", 0.01, 9},
    {"Tan", -1.3, 1.3},
    {"Tanh", -5, 5},
    {"Celu", -5, 5},
    {"Elu", -5, 5},
    {"Gelu", -5, 5},
    {"HardSigmoid", -5, 5},
    {"HardSwish", -5, 5},
    {"LeakyRelu", -5, 5},
    {"Mish", -5, 5},
    {"Relu", -5, 5},
    {"Selu", -5, 5},
    {"Shrink", -2, 2},
    {"Sigmoid", -8, 8},
    {"Softplus", -8, 8},
    {"Softsign", -8, 8},
    {"Swish", -8, 8},
    {"ThresholdedRelu", -3, 3},
    {"Not", 0, 1},
    {"BitwiseNot", -9, 9},
};

bool has_specials(ElementType type) {
  return type == ElementType::kFloat32 || type == ElementType::kFloat64 || type == ElementType::kFloat16 ||
         type == ElementType::kBfloat16;
}

void add_unary(CaseList& cases) {
  for (const Range& row : kUnary) {
    cases.begin(row.op_type);
    const Operand x = data({3, 4, 5}, row.low, row.high);
    for (const ElementType type : cases.types()) {
      cases.add(type, "plain", {x});
      cases.add(type, "rank0", {data({}, row.low, row.high)});
      cases.add(type, "empty", {data({0, 3}, row.low, row.high)});
      cases.add(type, "odd", {data({1, 1031}, row.low, row.high)});
      if (has_specials(type)) cases.add(type, "special", {specials({5, 5})});
    }
    cases.begin(row.op_type);
  }
  const Operand x = data({4, 7}, -4, 4);
  cases.begin("Celu");
  cases.add("alpha", {x}, {{"alpha", 2.5f}});
  cases.begin("Elu");
  cases.add("alpha", {x}, {{"alpha", 0.5f}});
  cases.begin("Gelu");
  cases.add("tanh", {x}, {{"approximate", std::string("tanh")}});
  cases.begin("HardSigmoid");
  cases.add("slope", {x}, {{"alpha", 0.4f}, {"beta", 0.3f}});
  cases.begin("LeakyRelu");
  cases.add("alpha", {x}, {{"alpha", -0.3f}});
  cases.begin("Selu");
  cases.add("parameters", {x}, {{"alpha", 2.0f}, {"gamma", 3.0f}});
  cases.begin("Shrink");
  cases.add("soft", {x}, {{"lambd", 1.5f}, {"bias", 1.5f}});
  cases.begin("Swish");
  cases.add("alpha", {x}, {{"alpha", 0.5f}});
  cases.begin("ThresholdedRelu");
  cases.add("alpha", {x}, {{"alpha", 2.0f}});
  cases.begin("IsInf");
  cases.add("only_negative", {specials({5, 5})}, {{"detect_positive", int64_t{0}}});
  cases.add("only_positive", {specials({5, 5})}, {{"detect_negative", int64_t{0}}});
  cases.begin("Round");
  cases.add("ties", {listed({8}, {0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.5, 4.5})});
}

void add_clip(CaseList& cases) {
  cases.begin("Clip");
  const Operand x = data({4, 9}, -3, 3);
  for (const ElementType type : cases.types()) {
    cases.add(type, "plain",
              {x, fixed(whole(data({}, -1, -0.5), 2, 4)), fixed(whole(data({}, 0.5, 1), 9, 12))});
    cases.add(type, "bounds_as_inputs", {x, whole(data({}, -1, -0.5), 2, 4), whole(data({}, 0.5, 1), 9, 12)});
    cases.add(type, "no_min", {x, none(), fixed(whole(data({}, 0.5, 1), 9, 12))});
    cases.add(type, "no_bounds", {x});
  }
  cases.add("special", {specials({5, 5}), fixed(listed({}, {-2})), fixed(listed({}, {2}))});
  cases.add("min_above_max", {x, fixed(listed({}, {1})), fixed(listed({}, {-1}))});
}

struct Pair {
  const char* op_type;
  double low, high;      // of the first
  double low_b, high_b;  // of the second
  double int_low_b, int_high_b;
};

constexpr Pair kBinary[] = {
    {"Add", -9, 9, -9, 9, -20, 20},
    {"Sub", -9, 9, -9, 9, -20, 20},
    {"Mul", -9, 9, -9, 9, -20, 20},
    {"Div", -9, 9, 0.5, 9, 1, 7},
    {"Pow", 0.2, 3, -3, 3, 0, 3},
    {"Equal", -2, 2, -2, 2, -20, 20},
    {"Greater", -2, 2, -2, 2, -20, 20},
    {"Less", -2, 2, -2, 2, -20, 20},
    {"GreaterOrEqual", -2, 2, -2, 2, -20, 20},
    {"LessOrEqual", -2, 2, -2, 2, -20, 20},
    {"Max", -9, 9, -9, 9, -20, 20},
    {"Min", -9, 9, -9, 9, -20, 20},
    {"Sum", -9, 9, -9, 9, -20, 20},
    {"Mean", -9, 9, -9, 9, -20, 20},
    {"PRelu", -9, 9, -1, 1, -3, 3},
    {"And", 0, 1, 0, 1, 0, 1},
    {"Or", 0, 1, 0, 1, 0, 1},
    {"Xor", 0, 1, 0, 1, 0, 1},
    {"BitwiseAnd", -9, 9, -9, 9, -20, 20},
    {"BitwiseOr", -9, 9, -9, 9, -20, 20},
    {"BitwiseXor", -9, 9, -9, 9, -20, 20},
};

// The second operand broadcasts to the first only (PRelu), or both to each other.
void add_binary(CaseList& cases) {
  for (const Pair& row : kBinary) {
    cases.begin(row.op_type);
    const bool one_way = std::string_view(row.op_type) == "PRelu";
    const auto a = [&](ConcreteDims dims) { return data(std::move(dims), row.low, row.high); };
    const auto b = [&](ConcreteDims dims) {
      return whole(data(std::move(dims), row.low_b, row.high_b), row.int_low_b, row.int_high_b);
    };
    for (const ElementType type : cases.types()) {
      cases.add(type, "plain", {a({3, 4, 5}), b({3, 4, 5})});
      cases.add(type, "broadcast_row", {a({3, 4, 5}), b({5})});
      cases.add(type, "broadcast_scalar", {a({3, 4, 5}), b({})});
      cases.add(type, "constant", {a({3, 5}), fixed(b({3, 5}))});
      cases.add(type, "odd", {a({1, 1031}), b({1, 1031})});
    }
    cases.add(cases.types().front(), "empty", {a({0, 3}), b({0, 3})});
    cases.add(cases.types().front(), "empty_broadcast", {a({0, 3}), b({1, 3})});
    cases.add(cases.types().front(), "rank0", {a({}), b({})});
    cases.add(cases.types().front(), "broadcast_channel", {a({2, 3, 4, 5}), b({3, 1, 1})});
    cases.add(cases.types().front(), "broadcast_column", {a({3, 4}), b({3, 1})});
    if (!one_way) {
      cases.add(cases.types().front(), "broadcast_both", {a({3, 1, 5}), b({4, 1})});
      cases.add(cases.types().front(), "broadcast_first", {a({5}), b({3, 4, 5})});
      cases.add(cases.types().front(), "broadcast_cross", {a({1, 3, 1, 5}), b({2, 1, 4, 1})});
    }
    cases.add(cases.types().front(), "rank6", {a({2, 1, 2, 3, 1, 2}), b({2, 1, 2, 3, 1, 2})});
    for (const ElementType type : cases.types())
      if (has_specials(type) && !one_way) cases.add(type, "special", {specials({25, 1}), specials({25})});
  }
  const Operand x = data({3, 4});
  for (const char* op_type : {"Max", "Min", "Sum", "Mean"}) {
    cases.begin(op_type);
    cases.add("one_input", {x});
    cases.add("three_inputs", {x, data({4}), data({3, 1})});
  }
  cases.begin("Add");
  cases.add(ElementType::kInt32, "overflow", {listed({2}, {2147483647, -2147483648.0}), listed({2}, {1, -1})});
  cases.add(ElementType::kUint8, "overflow", {listed({2}, {255, 200}), listed({2}, {1, 100})});
  cases.begin("Mul");
  cases.add(ElementType::kInt8, "overflow", {listed({2}, {100, -128}), listed({2}, {3, 2})});
  cases.begin("Div");
  cases.add(ElementType::kInt32, "negative", {listed({4}, {7, -7, 7, -7}), listed({4}, {2, 2, -2, -2})});
  cases.begin("Equal");
  cases.add(ElementType::kInt64, "beyond_double",
            {listed({2}, {4611686018427387904.0, 1}), listed({2}, {4611686018427388928.0, 1})});
  cases.begin("Greater");
  cases.add(ElementType::kUint64, "top_bit",
            {listed({2}, {9223372036854775808.0, 1}), listed({2}, {1, 9223372036854775808.0})});
}

void add_mod_and_shift(CaseList& cases) {
  cases.begin("Mod");
  const Operand a = whole(data({3, 8}, -9, 9), -20, 20), b = whole(data({3, 8}, 0.5, 4), 1, 7);
  for (const ElementType type : cases.types()) {
    if (!is_float_type(type)) cases.add(type, "plain", {a, b});
    cases.add(type, is_float_type(type) ? "plain" : "fmod", {a, b}, {{"fmod", int64_t{1}}});
  }
  cases.add(ElementType::kInt32, "signs", {listed({4}, {7, -7, 7, -7}), listed({4}, {3, 3, -3, -3})});
  cases.add(ElementType::kInt32, "fmod_signs", {listed({4}, {7, -7, 7, -7}), listed({4}, {3, 3, -3, -3})},
            {{"fmod", int64_t{1}}});
  cases.add(ElementType::kInt64, "broadcast", {listed({2, 3}, {9, 8, 7, -6, -5, -4}), listed({3}, {2, 3, 4})});
  cases.begin("BitShift");
  for (const ElementType type : cases.types())
    for (const char* direction : {"LEFT", "RIGHT"})
      cases.add(type, direction[0] == 'L' ? "plain" : "right",
                {whole(data({3, 5}), 0, 120), whole(data({3, 5}), 0, 5)},
                {{"direction", std::string(direction)}});
  cases.begin("Pow");
  cases.add("integer_exponent", {data({3, 4}, -3, 3), typed(ElementType::kInt64, listed({4}, {0, 1, 2, 3}))});
  cases.add("negative_base", {listed({4}, {-2, -2, -1, -0.5}), listed({4}, {2, 3, 5, -2})});
}

void add_where(CaseList& cases) {
  cases.begin("Where");
  const Operand condition = typed(ElementType::kBool, whole(data({3, 4}), 0, 1));
  for (const ElementType type : cases.types(1)) {
    const Operand x = typed(type, data({3, 4}, -9, 9));
    cases.add(type, "plain", {condition, x, x});
    cases.add(type, "broadcast", {condition, typed(type, data({4})), typed(type, data({2, 1, 1}))});
  }
  cases.add("scalar_condition", {typed(ElementType::kBool, listed({}, {1})), data({2, 3}), data({3})});
  cases.add("empty", {typed(ElementType::kBool, data({0, 4})), data({0, 4}), data({4})});
  cases.add("special", {typed(ElementType::kBool, listed({25}, {1, 0})), specials({25}), data({25})});
}

}  // namespace

void add_elementwise_cases(CaseList& cases) {
  add_unary(cases);
  add_clip(cases);
  add_binary(cases);
  add_mod_and_shift(cases);
  add_where(cases);
}

}  // namespace bp::conformance
