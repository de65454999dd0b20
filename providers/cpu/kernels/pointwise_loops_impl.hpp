// The loops of pointwise_loops.hpp. Everything is local to the file that includes this.
#pragma once

#include "kernels/binary_functors.hpp"
#include "kernels/elements_apart.hpp"
#include "kernels/pointwise_loops.hpp"

namespace bp::cpu {

namespace {

// Clip's halves: NaN stays NaN, as it is below and above nothing.
struct AtLeast {
  template <class C>
  C operator()(C x, C low) const {
    return x < low ? low : x;
  }
};
struct AtMost {
  template <class C>
  C operator()(C x, C high) const {
    return high < x ? high : x;
  }
};
struct Pow {
  template <class C>
  C operator()(C base, C exponent) const {
    return std::pow(base, exponent);
  }
};

// R: what lies in memory for a result, a byte for a bool.
template <class Op, class T, class R>
void both_run(const void* a, const void* b, void* out, int64_t count) {
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  R* z = static_cast<R*>(out);
  const Op op;
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) z[i] = static_cast<R>(op(x[i], y[i]));
}

template <class Op, class T, class R>
void first_runs(const void* a, const void* b, void* out, int64_t count) {
  const T* x = static_cast<const T*>(a);
  const T y = *static_cast<const T*>(b);
  R* z = static_cast<R*>(out);
  const Op op;
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) z[i] = static_cast<R>(op(x[i], y));
}

template <class Op, class T, class R>
void second_runs(const void* a, const void* b, void* out, int64_t count) {
  const T x = *static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  R* z = static_cast<R*>(out);
  const Op op;
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) z[i] = static_cast<R>(op(x, y[i]));
}

template <class Op, class T, class R = T>
BinaryLoop loop_for(Runs runs) {
  if (runs == Runs::kFirst) return first_runs<Op, T, R>;
  return runs == Runs::kSecond ? second_runs<Op, T, R> : both_run<Op, T, R>;
}

template <class T>
BinaryLoop number_loop(BinaryFunction function, Runs runs) {
#define BP_CPU_CASE(name)       \
  case BinaryFunction::k##name: \
    return loop_for<name, T>(runs);
#define BP_CPU_BOOL_CASE(name)  \
  case BinaryFunction::k##name: \
    return loop_for<name, T, uint8_t>(runs);
  switch (function) {
    BP_CPU_ARITHMETIC_FUNCTIONS(BP_CPU_CASE)
    BP_CPU_COMPARISON_FUNCTIONS(BP_CPU_BOOL_CASE)
    case BinaryFunction::kPow:
      if constexpr (std::is_floating_point_v<T>) return loop_for<Pow, T>(runs);
      return nullptr;
    default:
      return nullptr;
  }
}

// A bool is a byte that holds 0 or 1.
BinaryLoop bool_loop(BinaryFunction function, Runs runs) {
  using T = uint8_t;
  switch (function) {
    BP_CPU_LOGIC_FUNCTIONS(BP_CPU_BOOL_CASE)
    BP_CPU_BOOL_CASE(Equal)
    default:
      return nullptr;
  }
}
#undef BP_CPU_CASE
#undef BP_CPU_BOOL_CASE

BinaryLoop find_binary_loop(BinaryFunction function, Type type, Runs runs) {
  switch (type) {
    case Type::kFloat32:
      return number_loop<float>(function, runs);
    case Type::kFloat64:
      return number_loop<double>(function, runs);
    case Type::kInt32:
      return number_loop<int32_t>(function, runs);
    case Type::kInt64:
      return number_loop<int64_t>(function, runs);
    case Type::kBool:
      return bool_loop(function, runs);
    default:
      return nullptr;
  }
}

// Both sides are read before one is chosen, so that this is one vector loop.
template <class U, bool kYesRun, bool kNoRun>
void choose(const void* condition, const void* yes, const void* no, void* out, int64_t count) {
  const auto* c = static_cast<const uint8_t*>(condition);
  const U* x = static_cast<const U*>(yes);
  const U* y = static_cast<const U*>(no);
  U* z = static_cast<U*>(out);
  const U one_yes = *x;
  const U one_no = *y;
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) {
    const U a = kYesRun ? x[i] : one_yes;
    const U b = kNoRun ? y[i] : one_no;
    z[i] = c[i] != 0 ? a : b;
  }
}

template <class U>
SelectLoop select_loop(bool yes_run, bool no_run) {
  if (yes_run) return no_run ? choose<U, true, true> : choose<U, true, false>;
  return no_run ? choose<U, false, true> : choose<U, false, false>;
}

SelectLoop find_select_loop(uint32_t element_bytes, bool yes_run, bool no_run) {
  if (element_bytes == 1) return select_loop<uint8_t>(yes_run, no_run);
  if (element_bytes == 4) return select_loop<uint32_t>(yes_run, no_run);
  return element_bytes == 8 ? select_loop<uint64_t>(yes_run, no_run) : nullptr;
}

}  // namespace

}  // namespace bp::cpu
