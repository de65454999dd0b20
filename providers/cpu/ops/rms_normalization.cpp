// RMSNormalization: x / sqrt(mean(x^2) + epsilon) * scale over the last axes. SwiGLU: x * sigmoid(alpha x) *
// gate.
#include <algorithm>
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_rms(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  if (check.has_input(0)) check.types(1, mask(check.input(0).type));
  const int64_t stash = check.node.attributes.int_or("stash_type", 1);
  if (stash != BP_TYPE_FLOAT32)
    check.reject_attribute("stash_type", text("expected 1 (float32), found ", stash));
}

template <class C, class T>
C mean_square(const T* x, int64_t length) {
  constexpr int64_t kLanes = 16;
  C lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const C value = static_cast<C>(x[i + lane]);
      lanes[lane] += value * value;
    }
  }
  double total = 0;
  for (const C lane : lanes) total += static_cast<double>(lane);
  for (; i < length; ++i) {
    const auto value = static_cast<double>(static_cast<C>(x[i]));
    total += value * value;
  }
  return static_cast<C>(total / static_cast<double>(length));
}

// The scale's `parameters` entries repeat over the line.
template <class T>
void normalize(const T* x, T* y, const T* scale, int64_t length, int64_t parameters, float epsilon) {
  using C = Compute<T>;
  const C inverse = C(1) / std::sqrt(mean_square<C>(x, length) + static_cast<C>(epsilon));
  for (int64_t begin = 0; begin < length; begin += parameters) {
    for (int64_t i = 0; i < parameters; ++i)
      y[begin + i] = static_cast<T>(static_cast<C>(x[begin + i]) * inverse * static_cast<C>(scale[i]));
  }
}

void build_rms(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const Dims normalized(dims.begin() + axis, dims.end());
  const int64_t length = element_count(normalized);
  const int64_t lines = element_count(Dims(dims.begin(), dims.begin() + axis));
  Dims scale = b.input_dims(1);
  while (!scale.empty() && scale.front() == 1 && scale != normalized) scale.erase(scale.begin());
  if (scale.size() > normalized.size() || !std::equal(scale.rbegin(), scale.rend(), normalized.rbegin()))
    b.fail(text("the scale must be the last of the dims ", dims_text(normalized), ", is ",
                dims_text(b.input_dims(1))));
  const int64_t parameters = element_count(scale);
  b.output(0, dims);
  b.in_place(0, 0);
  const float epsilon = b.attributes().float_or("epsilon", 1e-5f);
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* x = call.in<T>(0);
      const T* factors = call.in<T>(1);
      T* y = call.out<T>(2);
      parallel_for(threads, lines, lines * length, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line)
          normalize(x + line * length, y + line * length, factors, length, parameters, epsilon);
      });
    });
  });
}

void check_swiglu(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  if (check.has_input(0)) check.types(1, mask(check.input(0).type));
}

void build_swiglu(Builder& b) {
  const Dims dims = b.input_dims(0);
  if (dims != b.input_dims(1))
    b.fail(text("both inputs must have the same dims, have ", dims_text(dims), " and ",
                dims_text(b.input_dims(1))));
  b.output(0, dims);
  b.in_place(0, 0);
  b.in_place(0, 1);
  const int64_t count = element_count(dims);
  const float alpha = b.attributes().float_or("alpha", 1.0f);
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      using C = Compute<T>;
      const T *gate = call.in<T>(0), *value = call.in<T>(1);
      T* y = call.out<T>(2);
      parallel_for(threads, count, count * 4, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const C x = static_cast<C>(gate[i]);
          y[i] = static_cast<T>(x / (C(1) + std::exp(-static_cast<C>(alpha) * x)) * static_cast<C>(value[i]));
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"RMSNormalization", check_rms, build_rms, 23},
    {"SwiGLU", check_swiglu, build_swiglu, 28, LayoutUse::kPointwise},
};

}  // namespace

std::span<const Row> rms_normalization_rows() { return kRows; }

}  // namespace bp::cpu
