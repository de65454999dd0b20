// Two inputs with broadcasting, one output: arithmetic, comparison, logic, bits. And the variadic forms of the
// same (Max, Min, Sum, Mean), which fold over their inputs.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/binary_functors.hpp"
#include "kernels/broadcast.hpp"
#include "ops/expression.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// --- loops ---

// The three shapes of an inner loop are written out, so that each is one vector loop.
template <class Op, class T, class R>
void inner_loop(const T* a, int64_t step_a, const T* b, int64_t step_b, R* out, int64_t count) {
  const Op op;
  using C = Compute<T>;
  if (step_a == 1 && step_b == 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(op(static_cast<C>(a[i]), static_cast<C>(b[i])));
  } else if (step_a == 1 && step_b == 0) {
    const C right = static_cast<C>(b[0]);
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(op(static_cast<C>(a[i]), right));
  } else if (step_a == 0 && step_b == 1) {
    const C left = static_cast<C>(a[0]);
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(op(left, static_cast<C>(b[i])));
  } else {
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<R>(op(static_cast<C>(a[i * step_a]), static_cast<C>(b[i * step_b])));
  }
}

Dims joint_dims(Builder& b) {
  std::vector<Dims> all;
  for (size_t input = 0; input < b.input_count(); ++input) all.push_back(b.input_dims(input));
  Dims dims;
  if (!broadcast_dims(all, dims)) {
    std::string text = "inputs must broadcast to one shape, are";
    for (const Dims& one : all) text.append(" ").append(dims_text(one));
    b.fail(text);
  }
  return dims;
}

template <class Op, class T, class R>
void add_binary_step(Builder& b) {
  const Dims dims = joint_dims(b);
  b.output(0, dims);
  if constexpr (sizeof(T) == sizeof(R)) {
    if (b.input_dims(0) == dims) b.in_place(0, 0);
    if (b.input_dims(1) == dims) b.in_place(0, 1);
  }
  const auto plan = plan_broadcast<2>(dims, {b.input_dims(0), b.input_dims(1)});
  const int threads = b.threads();
  b.run([plan, threads](const Call& call) {
    const T* a = call.in<T>(0);
    const T* c = call.in<T>(1);
    R* out = call.out<R>(2);
    for_broadcast(threads, plan, [&](const auto& offsets, int64_t out_offset, int64_t count) {
      inner_loop<Op>(a + offsets[0], plan.inner_steps[0], c + offsets[1], plan.inner_steps[1], out + out_offset,
                     count);
    });
  });
}

template <TypeMask kTypes>
void check_binary(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kTypes);
  check.types(1, kTypes);
}

template <class Op, TypeMask kTypes>
void build_arithmetic(Builder& b) {
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) { add_binary_step<Op, T, T>(b); });
}

template <class Op, TypeMask kTypes>
void build_comparison(Builder& b) {
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) { add_binary_step<Op, T, bool>(b); });
}

void build_mod(Builder& b) {
  if (b.attributes().int_or("fmod", 0) != 0) {
    build_arithmetic<TruncMod, kNumbers>(b);
  } else {
    build_arithmetic<FloorMod, kNumbers>(b);
  }
}

void check_shift(Check& check) {
  check_binary<kInts>(check);
  check.string_attribute("direction", "", {"LEFT", "RIGHT"});
}

void build_shift(Builder& b) {
  if (b.attributes().string_or("direction", "") == "LEFT") {
    build_arithmetic<ShiftLeft, kInts>(b);
  } else {
    build_arithmetic<ShiftRight, kInts>(b);
  }
}

// Pow: the exponent has a type of its own. Small whole exponents, which models are full of, are products.
template <class B, class E>
B power(B base, E exponent) {
  if constexpr (std::is_integral_v<B> && std::is_integral_v<E>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == B(-1)) return exponent % 2 == 0 ? B(1) : B(-1);
      return 0;
    }
    uint64_t result = 1, factor = static_cast<uint64_t>(base);
    for (auto rest = static_cast<uint64_t>(exponent); rest > 0; rest >>= 1) {
      if ((rest & 1) != 0) result *= factor;
      factor *= factor;
    }
    return static_cast<B>(result);
  } else if constexpr (std::is_same_v<B, float> && std::is_same_v<E, float>) {
    return std::pow(base, exponent);
  } else {
    return static_cast<B>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
}

template <class B, class E>
void add_power_step(Builder& b) {
  const Dims dims = joint_dims(b);
  b.output(0, dims);
  const auto plan = plan_broadcast<2>(dims, {b.input_dims(0), b.input_dims(1)});
  const int threads = b.threads();
  b.run([plan, threads](const Call& call) {
    const B* base = call.in<B>(0);
    const E* exponent = call.in<E>(1);
    B* out = call.out<B>(2);
    for_broadcast(threads, plan, [&](const auto& offsets, int64_t out_offset, int64_t count) {
      const B* x = base + offsets[0];
      const E* e = exponent + offsets[1];
      B* y = out + out_offset;
      using C = Compute<B>;
      if (plan.inner_steps[1] == 0 && plan.inner_steps[0] == 1 && static_cast<double>(e[0]) == 2.0) {
        for (int64_t i = 0; i < count; ++i) {
          const C value = static_cast<C>(x[i]);
          y[i] = static_cast<B>(Mul()(value, value));
        }
        return;
      }
      if (plan.inner_steps[1] == 0 && plan.inner_steps[0] == 1 && !std::is_integral_v<C> &&
          static_cast<double>(e[0]) == 0.5) {
        for (int64_t i = 0; i < count; ++i) y[i] = static_cast<B>(std::sqrt(static_cast<Compute<B>>(x[i])));
        return;
      }
      for (int64_t i = 0; i < count; ++i)
        y[i] = static_cast<B>(power(static_cast<C>(x[i * plan.inner_steps[0]]),
                                    static_cast<Compute<E>>(e[i * plan.inner_steps[1]])));
    });
  });
}

constexpr TypeMask kPowerBases = kFloats | mask(Type::kInt32, Type::kInt64);

void check_power(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kPowerBases);
  check.types(1, kNumbers);
}

void build_power(Builder& b) {
  dispatch<kPowerBases>(b.input_type(0), [&]<class B>(Tag<B>) {
    dispatch<kNumbers>(b.input_type(1), [&]<class E>(Tag<E>) { add_power_step<B, E>(b); });
  });
}

// --- any number of inputs ---

template <TypeMask kTypes>
void check_variadic(Check& check) {
  check.required(0);
  for (size_t input = 0; input < check.input_count(); ++input) check.types(input, kTypes);
}

// out = in0, then out = op(out, in_i); one pass over the output for each input. 16-bit results are gathered in
// float and rounded once.
template <class Op, bool kMean, class T>
void add_variadic_step(Builder& b) {
  const Dims dims = joint_dims(b);
  b.output(0, dims);
  const size_t inputs = b.input_count();
  std::vector<BroadcastPlan<1>> plans;
  for (size_t input = 0; input < inputs; ++input)
    plans.push_back(plan_broadcast<1>(dims, {b.input_dims(input)}));
  const int threads = b.threads();
  const int64_t count = element_count(dims);
  using C = Compute<T>;
  constexpr bool kNarrow = !std::is_same_v<T, C>;
  const size_t sums = kNarrow ? b.scratch(static_cast<uint64_t>(count) * sizeof(C)) : inputs;
  b.run([plans, inputs, threads, count, sums](const Call& call) {
    C* out = call.out<C>(sums);
    const Op op;
    for (size_t input = 0; input < inputs; ++input) {
      const T* in = call.in<T>(input);
      for_broadcast(threads, plans[input], [&](const auto& offsets, int64_t out_offset, int64_t length) {
        const T* x = in + offsets[0];
        C* y = out + out_offset;
        const int64_t step = plans[input].inner_steps[0];
        if (input == 0) {
          for (int64_t i = 0; i < length; ++i) y[i] = static_cast<C>(x[i * step]);
        } else {
          for (int64_t i = 0; i < length; ++i) y[i] = static_cast<C>(op(y[i], static_cast<C>(x[i * step])));
        }
      });
    }
    if constexpr (kMean || kNarrow) {
      T* y = call.out<T>(inputs);
      const C divisor = kMean ? static_cast<C>(inputs) : C(1);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) y[i] = static_cast<T>(out[i] / divisor);
      });
    }
  });
}

template <class Op, TypeMask kTypes, bool kMean = false>
void build_variadic(Builder& b) {
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    if (b.input_count() == 2) {
      add_binary_step<std::conditional_t<kMean, MeanOfTwo, Op>, T, T>(b);
    } else {
      add_variadic_step<Op, kMean, T>(b);
    }
  });
}

// --- as terms ---

template <BinaryFunction kFunction>
Term express_binary(Expression& e) {
  return e.binary(kFunction, e.input(0), e.input(1));
}

// By an exponent that is known, as the kernel has it.
Term express_power(Expression& e) {
  const HostTensor* exponent = e.constant(1);
  if (exponent == nullptr || exponent->count() != 1 || (mask(exponent->type) & kFloats) == 0) return {};
  const double value = exponent->floats().front();
  const Term x = e.input(0);
  if (!x || (mask(e.input_type(0)) & kFloats) == 0) return {};
  // The dims are both inputs', though the exponent may not be read.
  const Term y = e.input(1);
  if (value == 2.0) return e.binary(BinaryFunction::kMul, x, x);
  if (value == 0.5) return e.unary(UnaryFunction::kSqrt, {}, x);
  return e.binary(BinaryFunction::kPow, x, y);
}

template <BinaryFunction kFunction, bool kMean = false>
Term express_variadic(Expression& e) {
  if (e.input_count() < 2) return {};
  Term sum = e.binary(kFunction, e.input(0), e.input(1));
  for (size_t input = 2; input < e.input_count(); ++input) sum = e.binary(kFunction, sum, e.input(input));
  if constexpr (!kMean) return sum;
  const Type type = e.input_type(0) == Type::kFloat64 ? Type::kFloat64 : Type::kFloat32;
  return e.binary(BinaryFunction::kDiv, sum, e.number(static_cast<double>(e.input_count()), type));
}

constexpr BinaryFunction kNoFunction = BinaryFunction::kCount;

template <BinaryFunction kFunction>
constexpr auto pointwise_binary() -> Term (*)(Expression&) {
  if constexpr (kFunction == kNoFunction) {
    return nullptr;
  } else {
    return express_binary<kFunction>;
  }
}

template <class Op, TypeMask kTypes, BinaryFunction kFunction = kNoFunction>
constexpr Row arithmetic(std::string_view op_type, int32_t since) {
  return {op_type, check_binary<kTypes>,         build_arithmetic<Op, kTypes>, since, LayoutUse::kPlain,
          "",      pointwise_binary<kFunction>()};
}
template <class Op, TypeMask kTypes, BinaryFunction kFunction>
constexpr Row comparison(std::string_view op_type, int32_t since) {
  return {op_type, check_binary<kTypes>,         build_comparison<Op, kTypes>, since, LayoutUse::kPlain,
          "",      pointwise_binary<kFunction>()};
}
template <class Op, TypeMask kTypes, BinaryFunction kFunction, bool kMean = false>
constexpr Row variadic(std::string_view op_type, int32_t since) {
  return {op_type,
          check_variadic<kTypes>,
          build_variadic<Op, kTypes, kMean>,
          since,
          LayoutUse::kPlain,
          "",
          express_variadic<kFunction, kMean>};
}

constexpr Row kRows[] = {
    arithmetic<Add, kNumbers, BinaryFunction::kAdd>("Add", 7),
    arithmetic<Sub, kNumbers, BinaryFunction::kSub>("Sub", 7),
    arithmetic<Mul, kNumbers, BinaryFunction::kMul>("Mul", 7),
    arithmetic<Div, kNumbers, BinaryFunction::kDiv>("Div", 7),
    arithmetic<PRelu, kNumbers, BinaryFunction::kPRelu>("PRelu", 7),
    {"Mod", check_binary<kNumbers>, build_mod, 10},
    {"Pow", check_power, build_power, 7, LayoutUse::kPlain, "", express_power},
    arithmetic<And, kBool, BinaryFunction::kAnd>("And", 7),
    arithmetic<Or, kBool, BinaryFunction::kOr>("Or", 7),
    arithmetic<Xor, kBool, BinaryFunction::kXor>("Xor", 7),
    arithmetic<BitwiseAnd, kInts>("BitwiseAnd", 18),
    arithmetic<BitwiseOr, kInts>("BitwiseOr", 18),
    arithmetic<BitwiseXor, kInts>("BitwiseXor", 18),
    {"BitShift", check_shift, build_shift, 11},
    comparison<Equal, kAny, BinaryFunction::kEqual>("Equal", 7),
    comparison<Less, kNumbers, BinaryFunction::kLess>("Less", 7),
    comparison<LessOrEqual, kNumbers, BinaryFunction::kLessOrEqual>("LessOrEqual", 12),
    comparison<Greater, kNumbers, BinaryFunction::kGreater>("Greater", 7),
    comparison<GreaterOrEqual, kNumbers, BinaryFunction::kGreaterOrEqual>("GreaterOrEqual", 12),
    variadic<Max, kNumbers, BinaryFunction::kMax>("Max", 8),
    variadic<Min, kNumbers, BinaryFunction::kMin>("Min", 8),
    variadic<Add, kFloats, BinaryFunction::kAdd>("Sum", 8),
    variadic<Add, kFloats, BinaryFunction::kAdd, true>("Mean", 8),
};

}  // namespace

std::span<const Row> binary_rows() { return kRows; }

}  // namespace bp::cpu
