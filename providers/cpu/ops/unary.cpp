// One input, one output, element by element, on numbers. An example of a pointwise family.
#include <cmath>
#include <limits>

#include "kernels/elements_apart.hpp"
#include "kernels/unary_functions.hpp"
#include "ops/expression.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// Of floating-point types: what to compute, by the node's attributes.
struct Choice {
  UnaryFunction function;
  UnaryParameters parameters;
};

template <UnaryFunction kFunction>
Choice plain(const Attributes&) {
  return {kFunction, {}};
}
Choice celu(const Attributes& a) { return {UnaryFunction::kCelu, {a.float_or("alpha", 1.0f)}}; }
Choice elu(const Attributes& a) { return {UnaryFunction::kElu, {a.float_or("alpha", 1.0f)}}; }
Choice gelu(const Attributes& a) {
  const bool tanh_form = a.string_or("approximate", "none") == "tanh";
  return {tanh_form ? UnaryFunction::kGeluTanh : UnaryFunction::kGeluErf, {}};
}
Choice hard_sigmoid(const Attributes& a) {
  return {UnaryFunction::kHardSigmoid, {a.float_or("alpha", 0.2f), a.float_or("beta", 0.5f)}};
}
Choice leaky_relu(const Attributes& a) { return {UnaryFunction::kLeakyRelu, {a.float_or("alpha", 0.01f)}}; }
Choice selu(const Attributes& a) {
  return {UnaryFunction::kSelu,
          {a.float_or("alpha", 1.67326319217681884765625f), a.float_or("gamma", 1.05070102214813232421875f)}};
}
Choice shrink(const Attributes& a) {
  return {UnaryFunction::kShrink, {a.float_or("bias", 0.0f), a.float_or("lambd", 0.5f)}};
}
Choice swish(const Attributes& a) { return {UnaryFunction::kSwish, {a.float_or("alpha", 1.0f)}}; }
Choice thresholded_relu(const Attributes& a) {
  return {UnaryFunction::kThresholdedRelu, {a.float_or("alpha", 1.0f)}};
}

// Of integers: a function object per operator.
struct None {};
struct Relu {
  template <class T>
  T operator()(T x) const {
    return x < T(0) ? T(0) : x;
  }
};
struct Neg {
  template <class T>
  T operator()(T x) const {
    return static_cast<T>(-x);
  }
};
struct Abs {
  template <class T>
  T operator()(T x) const {
    return x < T(0) ? static_cast<T>(-x) : x;
  }
};
struct Sign {
  template <class T>
  T operator()(T x) const {
    return x > T(0) ? T(1) : (x < T(0) ? static_cast<T>(-1) : T(0));
  }
};
struct BitwiseNot {
  template <class T>
  T operator()(T x) const {
    return static_cast<T>(~x);
  }
};
struct Shrink {
  explicit Shrink(const Attributes& a) : bias(a.float_or("bias", 0.0f)), lambd(a.float_or("lambd", 0.5f)) {}
  template <class T>
  T operator()(T x) const {
    const auto value = static_cast<double>(x);
    if (value < -lambd) return static_cast<T>(value + bias);
    if (value > lambd) return static_cast<T>(value - bias);
    return T(0);
  }
  double bias, lambd;
};

template <class Op>
Op make_op(const Attributes& attributes) {
  if constexpr (std::is_constructible_v<Op, const Attributes&>) {
    return Op(attributes);
  } else {
    return Op();
  }
}

template <TypeMask kTypes>
void check_unary(Check& check) {
  check.required(0);
  check.types(0, kTypes);
}

void build_floats(Builder& b, const Choice& choice) {
  const Type type = b.input_type(0);
  const int64_t count = element_count(b.input_dims(0));
  const auto size = static_cast<int64_t>(element_size(type));
  const int threads = b.threads();
  b.run([=](const Call& call) {
    const std::byte* x = call.in<std::byte>(0);
    std::byte* y = call.out<std::byte>(1);
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      apply_unary(type, choice.function, choice.parameters, x + begin * size, y + begin * size, end - begin);
    });
  });
}

template <class Op, TypeMask kTypes>
void build_integers(Builder& b) {
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const Op op = make_op<Op>(b.attributes());
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([count, threads, op](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(1);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) y[i] = op(x[i]);
      });
    });
  });
}

template <auto kChoose, class IntegerOp, TypeMask kIntegerTypes>
void build_unary(Builder& b) {
  b.output(0, b.input_dims(0));
  b.in_place(0, 0);
  if ((mask(b.input_type(0)) & kFloats) != 0) return build_floats(b, kChoose(b.attributes()));
  if constexpr (kIntegerTypes != 0) build_integers<IntegerOp, kIntegerTypes>(b);
}

template <auto kChoose>
Term express_unary(Expression& e) {
  const Choice choice = kChoose(e.attributes());
  return e.unary(choice.function, choice.parameters, e.input(0));
}

template <auto kChoose, class IntegerOp = None, TypeMask kIntegerTypes = 0>
constexpr Row unary(std::string_view op_type, int32_t since) {
  return {op_type,
          check_unary<kFloats | kIntegerTypes>,
          build_unary<kChoose, IntegerOp, kIntegerTypes>,
          since,
          LayoutUse::kPointwise,
          "",
          express_unary<kChoose>};
}

template <class Op, TypeMask kTypes>
void build_bits(Builder& b) {
  b.output(0, b.input_dims(0));
  b.in_place(0, 0);
  build_integers<Op, kTypes>(b);
}

// A bool is a byte that holds 0 or 1. A function of its own: a store of bytes may change anything that is
// reached by reference, and pointers inside a lambda are.
void flip(const uint8_t* x, uint8_t* y, int64_t count) {
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] ^ 1;
}

void build_not(Builder& b) {
  b.output(0, b.input_dims(0));
  b.in_place(0, 0);
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  b.run([count, threads](const Call& call) {
    const uint8_t* x = call.in<uint8_t>(0);
    uint8_t* y = call.out<uint8_t>(1);
    parallel_for(threads, count, count,
                 [&](int64_t begin, int64_t end) { flip(x + begin, y + begin, end - begin); });
  });
}

Term express_not(Expression& e) { return e.binary(BinaryFunction::kXor, e.input(0), e.number(1, Type::kBool)); }

// Questions: one bool for one float.
template <class Op>
void build_question(Builder& b) {
  b.output(0, b.input_dims(0));
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const Op op = make_op<Op>(b.attributes());
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([count, threads, op](const Call& call) {
      const T* x = call.in<T>(0);
      bool* y = call.out<bool>(1);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) y[i] = op(static_cast<Compute<T>>(x[i]));
      });
    });
  });
}
struct IsNan {
  template <class C>
  bool operator()(C x) const {
    return std::isnan(x);
  }
};
struct IsInf {  // a limit that is not asked for is NaN, which equals nothing
  explicit IsInf(const Attributes& a)
      : below(a.int_or("detect_negative", 1) != 0 ? -kInfinity : kNan),
        above(a.int_or("detect_positive", 1) != 0 ? kInfinity : kNan) {}
  template <class C>
  bool operator()(C x) const {
    return (x == static_cast<C>(below)) | (x == static_cast<C>(above));
  }
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();
  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  float below, above;
};

constexpr Row kRows[] = {
    unary<plain<UnaryFunction::kRelu>, Relu, kSignedInts>("Relu", 6),
    unary<plain<UnaryFunction::kNeg>, Neg, kSignedInts>("Neg", 6),
    unary<plain<UnaryFunction::kAbs>, Abs, kInts>("Abs", 6),
    unary<plain<UnaryFunction::kSign>, Sign, kInts>("Sign", 9),
    unary<shrink, Shrink, kInts>("Shrink", 9),
    unary<plain<UnaryFunction::kAcos>>("Acos", 7),
    unary<plain<UnaryFunction::kAcosh>>("Acosh", 9),
    unary<plain<UnaryFunction::kAsin>>("Asin", 7),
    unary<plain<UnaryFunction::kAsinh>>("Asinh", 9),
    unary<plain<UnaryFunction::kAtan>>("Atan", 7),
    unary<plain<UnaryFunction::kAtanh>>("Atanh", 9),
    unary<plain<UnaryFunction::kCeil>>("Ceil", 6),
    unary<celu>("Celu", 12),
    unary<plain<UnaryFunction::kCos>>("Cos", 7),
    unary<plain<UnaryFunction::kCosh>>("Cosh", 9),
    unary<elu>("Elu", 6),
    unary<plain<UnaryFunction::kErf>>("Erf", 9),
    unary<plain<UnaryFunction::kExp>>("Exp", 6),
    unary<plain<UnaryFunction::kFloor>>("Floor", 6),
    unary<gelu>("Gelu", 20),
    unary<hard_sigmoid>("HardSigmoid", 6),
    unary<plain<UnaryFunction::kHardSwish>>("HardSwish", 14),
    unary<leaky_relu>("LeakyRelu", 6),
    unary<plain<UnaryFunction::kLog>>("Log", 6),
    unary<plain<UnaryFunction::kMish>>("Mish", 18),
    unary<plain<UnaryFunction::kReciprocal>>("Reciprocal", 6),
    unary<plain<UnaryFunction::kRound>>("Round", 11),
    unary<selu>("Selu", 6),
    unary<plain<UnaryFunction::kSigmoid>>("Sigmoid", 6),
    unary<plain<UnaryFunction::kSin>>("Sin", 7),
    unary<plain<UnaryFunction::kSinh>>("Sinh", 9),
    unary<plain<UnaryFunction::kSoftplus>>("Softplus", 1),
    unary<plain<UnaryFunction::kSoftsign>>("Softsign", 1),
    unary<plain<UnaryFunction::kSqrt>>("Sqrt", 6),
    unary<swish>("Swish", 24),
    unary<plain<UnaryFunction::kTan>>("Tan", 7),
    unary<plain<UnaryFunction::kTanh>>("Tanh", 6),
    unary<thresholded_relu>("ThresholdedRelu", 10),
    {"IsNaN", check_unary<kFloats>, build_question<IsNan>, 9},
    {"IsInf", check_unary<kFloats>, build_question<IsInf>, 10},
    {"Not", check_unary<kBool>, build_not, 1, LayoutUse::kPointwise, "", express_not},
    {"BitwiseNot", check_unary<kInts>, build_bits<BitwiseNot, kInts>, 18, LayoutUse::kPointwise},
};

}  // namespace

std::span<const Row> unary_rows() { return kRows; }

}  // namespace bp::cpu
