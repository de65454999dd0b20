// One input, one output, element by element, on numbers. An example of a pointwise family.
#include <algorithm>
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// A function object per operator: `template <class C> C operator()(C x)` on the compute type.
struct Relu {
  template <class C>
  C operator()(C x) const {
    return x < C(0) ? C(0) : x;  // NaN stays NaN
  }
};

struct Neg {
  template <class C>
  C operator()(C x) const {
    return static_cast<C>(-x);
  }
};

struct Abs {
  template <class C>
  C operator()(C x) const {
    return x < C(0) ? static_cast<C>(-x) : x;
  }
};

struct Exp {
  template <class C>
  C operator()(C x) const {
    return std::exp(x);
  }
};
struct Log {
  template <class C>
  C operator()(C x) const {
    return std::log(x);
  }
};
struct Sqrt {
  template <class C>
  C operator()(C x) const {
    return std::sqrt(x);
  }
};
struct Sin {
  template <class C>
  C operator()(C x) const {
    return std::sin(x);
  }
};
struct Cos {
  template <class C>
  C operator()(C x) const {
    return std::cos(x);
  }
};
struct Tan {
  template <class C>
  C operator()(C x) const {
    return std::tan(x);
  }
};
struct Asin {
  template <class C>
  C operator()(C x) const {
    return std::asin(x);
  }
};
struct Acos {
  template <class C>
  C operator()(C x) const {
    return std::acos(x);
  }
};
struct Atan {
  template <class C>
  C operator()(C x) const {
    return std::atan(x);
  }
};
struct Sinh {
  template <class C>
  C operator()(C x) const {
    return std::sinh(x);
  }
};
struct Cosh {
  template <class C>
  C operator()(C x) const {
    return std::cosh(x);
  }
};
struct Tanh {
  template <class C>
  C operator()(C x) const {
    return std::tanh(x);
  }
};
struct Asinh {
  template <class C>
  C operator()(C x) const {
    return std::asinh(x);
  }
};
struct Acosh {
  template <class C>
  C operator()(C x) const {
    return std::acosh(x);
  }
};
struct Atanh {
  template <class C>
  C operator()(C x) const {
    return std::atanh(x);
  }
};
struct Ceil {
  template <class C>
  C operator()(C x) const {
    return std::ceil(x);
  }
};
struct Floor {
  template <class C>
  C operator()(C x) const {
    return std::floor(x);
  }
};
struct Erf {
  template <class C>
  C operator()(C x) const {
    return std::erf(x);
  }
};
struct Reciprocal {
  template <class C>
  C operator()(C x) const {
    return C(1) / x;
  }
};
struct Softsign {
  template <class C>
  C operator()(C x) const {
    return x / (C(1) + std::abs(x));
  }
};
struct HardSwish {
  template <class C>
  C operator()(C x) const {
    return x * std::max(C(0), std::min(C(1), x / C(6) + C(0.5)));
  }
};
struct Softplus {
  template <class C>
  C operator()(C x) const {
    return x > C(0) ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));  // exp of no large number
  }
};
struct Round {
  template <class C>
  C operator()(C x) const {
    return std::nearbyint(x);  // halves to even, in the default rounding mode
  }
};
struct Sigmoid {
  template <class C>
  C operator()(C x) const {
    return x >= C(0) ? C(1) / (C(1) + std::exp(-x))
                     : std::exp(x) / (C(1) + std::exp(x));  // neither branch overflows
  }
};
struct Mish {
  template <class C>
  C operator()(C x) const {
    return x * std::tanh(Softplus()(x));
  }
};
struct Sign {
  template <class C>
  C operator()(C x) const {
    return x > C(0) ? C(1) : (x < C(0) ? static_cast<C>(-1) : (x == C(0) ? C(0) : x));  // NaN stays NaN
  }
};
struct Not {
  bool operator()(bool x) const { return !x; }
};
struct BitwiseNot {
  template <class C>
  C operator()(C x) const {
    return static_cast<C>(~x);
  }
};

// Operators with numbers as attributes: made once at build.
struct LeakyRelu {
  explicit LeakyRelu(const Attributes& a) : alpha(a.float_or("alpha", 0.01f)) {}
  template <class C>
  C operator()(C x) const {
    return x < C(0) ? static_cast<C>(alpha) * x : x;
  }
  float alpha;
};
struct Elu {
  explicit Elu(const Attributes& a) : alpha(a.float_or("alpha", 1.0f)) {}
  template <class C>
  C operator()(C x) const {
    return x < C(0) ? static_cast<C>(alpha) * std::expm1(x) : x;
  }
  float alpha;
};
struct Celu {
  explicit Celu(const Attributes& a) : alpha(a.float_or("alpha", 1.0f)) {}
  template <class C>
  C operator()(C x) const {
    const auto slope = static_cast<C>(alpha);
    return std::max(x, C(0)) + std::min(slope * std::expm1(x / slope), C(0));  // in this order NaN stays NaN
  }
  float alpha;
};
struct Selu {
  explicit Selu(const Attributes& a)
      : alpha(a.float_or("alpha", 1.67326319217681884765625f)),
        gamma(a.float_or("gamma", 1.05070102214813232421875f)) {}
  template <class C>
  C operator()(C x) const {
    return static_cast<C>(gamma) * (x > C(0) ? x : static_cast<C>(alpha) * std::expm1(x));
  }
  float alpha, gamma;
};
struct HardSigmoid {
  explicit HardSigmoid(const Attributes& a)
      : alpha(a.float_or("alpha", 0.2f)), beta(a.float_or("beta", 0.5f)) {}
  template <class C>
  C operator()(C x) const {
    return std::max(std::min(static_cast<C>(alpha) * x + static_cast<C>(beta), C(1)), C(0));  // NaN stays NaN
  }
  float alpha, beta;
};
struct ThresholdedRelu {
  explicit ThresholdedRelu(const Attributes& a) : alpha(a.float_or("alpha", 1.0f)) {}
  template <class C>
  C operator()(C x) const {
    return x > static_cast<C>(alpha) ? x : C(0);
  }
  float alpha;
};
struct Shrink {
  explicit Shrink(const Attributes& a) : bias(a.float_or("bias", 0.0f)), lambd(a.float_or("lambd", 0.5f)) {}
  template <class C>
  C operator()(C x) const {
    const auto edge = static_cast<double>(lambd);
    if (static_cast<double>(x) < -edge)
      return static_cast<C>(static_cast<double>(x) + static_cast<double>(bias));
    if (static_cast<double>(x) > edge)
      return static_cast<C>(static_cast<double>(x) - static_cast<double>(bias));
    return C(0);
  }
  float bias, lambd;
};
struct Gelu {
  explicit Gelu(const Attributes& a) : tanh_form(a.string_or("approximate", "none") == "tanh") {}
  template <class C>
  C operator()(C x) const {
    if (tanh_form)
      return C(0.5) * x * (C(1) + std::tanh(C(0.7978845608028654) * (x + C(0.044715) * x * x * x)));
    return C(0.5) * x * (C(1) + std::erf(x * C(0.7071067811865476)));
  }
  bool tanh_form;
};
struct Swish {
  explicit Swish(const Attributes& a) : alpha(a.float_or("alpha", 1.0f)) {}
  template <class C>
  C operator()(C x) const {
    return x * Sigmoid()(static_cast<C>(static_cast<C>(alpha) * x));
  }
  float alpha;
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

template <class Op, TypeMask kTypes>
void build_unary(Builder& b) {
  b.output(0, b.input_dims(0));
  b.in_place(0, 0);
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const Op op = make_op<Op>(b.attributes());
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([count, threads, op](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(1);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) y[i] = static_cast<T>(op(static_cast<Compute<T>>(x[i])));
      });
    });
  });
}

template <class Op, TypeMask kTypes>
constexpr Row unary(std::string_view op_type, int32_t since) {
  return {op_type, check_unary<kTypes>, build_unary<Op, kTypes>, since, LayoutUse::kPointwise};
}

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
struct IsInf {
  explicit IsInf(const Attributes& a)
      : negative(a.int_or("detect_negative", 1) != 0), positive(a.int_or("detect_positive", 1) != 0) {}
  template <class C>
  bool operator()(C x) const {
    return std::isinf(x) && (x < C(0) ? negative : positive);
  }
  bool negative, positive;
};

constexpr Row kRows[] = {
    unary<Relu, kFloats | kSignedInts>("Relu", 6),
    unary<Neg, kFloats | kSignedInts>("Neg", 6),
    unary<Abs, kNumbers>("Abs", 6),
    unary<Acos, kFloats>("Acos", 7),
    unary<Acosh, kFloats>("Acosh", 9),
    unary<Asin, kFloats>("Asin", 7),
    unary<Asinh, kFloats>("Asinh", 9),
    unary<Atan, kFloats>("Atan", 7),
    unary<Atanh, kFloats>("Atanh", 9),
    unary<Ceil, kFloats>("Ceil", 6),
    unary<Celu, kFloats>("Celu", 12),
    unary<Cos, kFloats>("Cos", 7),
    unary<Cosh, kFloats>("Cosh", 9),
    unary<Elu, kFloats>("Elu", 6),
    unary<Exp, kFloats>("Exp", 6),
    unary<Floor, kFloats>("Floor", 6),
    unary<Gelu, kFloats>("Gelu", 20),
    unary<HardSigmoid, kFloats>("HardSigmoid", 6),
    unary<HardSwish, kFloats>("HardSwish", 14),
    unary<LeakyRelu, kFloats>("LeakyRelu", 6),
    unary<Log, kFloats>("Log", 6),
    unary<Mish, kFloats>("Mish", 18),
    unary<Reciprocal, kFloats>("Reciprocal", 6),
    unary<Round, kFloats>("Round", 11),
    unary<Selu, kFloats>("Selu", 6),
    unary<Sigmoid, kFloats>("Sigmoid", 6),
    unary<Sin, kFloats>("Sin", 7),
    unary<Sinh, kFloats>("Sinh", 9),
    unary<Softplus, kFloats>("Softplus", 1),
    unary<Softsign, kFloats>("Softsign", 1),
    unary<Sqrt, kFloats>("Sqrt", 6),
    unary<Swish, kFloats>("Swish", 24),
    unary<Tan, kFloats>("Tan", 7),
    unary<Tanh, kFloats>("Tanh", 6),
    unary<ThresholdedRelu, kFloats>("ThresholdedRelu", 10),
    unary<Erf, kFloats>("Erf", 9),
    unary<Shrink, kNumbers>("Shrink", 9),
    unary<Sign, kNumbers>("Sign", 9),
    {"IsNaN", check_unary<kFloats>, build_question<IsNan>, 9},
    {"IsInf", check_unary<kFloats>, build_question<IsInf>, 10},
    unary<Not, kBool>("Not", 1),
    unary<BitwiseNot, kInts>("BitwiseNot", 18),
};

}  // namespace

std::span<const Row> unary_rows() { return kRows; }

}  // namespace bp::cpu
