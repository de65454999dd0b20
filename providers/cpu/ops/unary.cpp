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
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([count, threads](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(1);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        const Op op;
        for (int64_t i = begin; i < end; ++i) y[i] = static_cast<T>(op(static_cast<Compute<T>>(x[i])));
      });
    });
  });
}

template <class Op, TypeMask kTypes>
constexpr Row unary(std::string_view op_type, int32_t since) {
  return {op_type, check_unary<kTypes>, build_unary<Op, kTypes>, since, LayoutUse::kPointwise};
}

constexpr Row kRows[] = {
    unary<Relu, kFloats | kSignedInts>("Relu", 6),
    unary<Neg, kFloats | kSignedInts>("Neg", 6),
    unary<Abs, kNumbers>("Abs", 6),
};

}  // namespace

std::span<const Row> unary_rows() { return kRows; }

}  // namespace bp::cpu
