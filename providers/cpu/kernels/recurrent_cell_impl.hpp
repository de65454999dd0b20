// The loops of CellKernels, included once per instruction set; like panel_product_impl.hpp without names from
// outside. Written so that the compiler vectorizes them.
#pragma once

#include <cstdint>

#include "kernels/recurrent_cell.hpp"

namespace bp::cpu {
namespace {

// e^x within 2 units in the last place; x is held to where the result is a normal number.
inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // x = n * ln 2 + r; adding 1.5 * 2^23 rounds to the nearest integer.
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t bits;
  __builtin_memcpy(&bits, &p, sizeof(bits));
  bits += static_cast<uint32_t>(static_cast<int32_t>(n)) << 23;
  __builtin_memcpy(&p, &bits, sizeof(p));
  return p;
}
inline double exponential(double x) { return __builtin_exp(x); }

inline float hyperbolic_tangent(float x) {
  const float magnitude = __builtin_fabsf(x);
  // Above: 1 - 2 / (e^2x + 1). Below 0.625: x + x^3 * P(x^2), where the other would cancel.
  const float large = 1.0f - 2.0f / (exponential(2.0f * magnitude) + 1.0f);
  const float square = x * x;
  float p = -5.70498872745e-3f;
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const float small = p * square * x + x;
  const float with_sign = __builtin_copysignf(large, x);
  return magnitude < 0.625f ? small : with_sign;
}
inline double hyperbolic_tangent(double x) { return __builtin_tanh(x); }

inline float softplus(float x) {
  return __builtin_log1pf(__builtin_expf(-__builtin_fabsf(x))) + (x > 0 ? x : 0);
}
inline double softplus(double x) {
  return __builtin_log1p(__builtin_exp(-__builtin_fabs(x))) + (x > 0 ? x : 0);
}
inline float less_one(float x) { return __builtin_expm1f(x); }
inline double less_one(double x) { return __builtin_expm1(x); }

template <class T, class F>
void each(int64_t count, T* data, F f) {
  for (int64_t i = 0; i < count; ++i) data[i] = f(data[i]);
}

// A NaN stays one through clip and activation.
template <class T>
void activate(const CellActivation& how, float clip, int64_t count, T* data) {
  const T alpha = T(how.alpha);
  const T beta = T(how.beta);
  if (clip > 0) {
    const T limit = T(clip);
    each(count, data, [=](T x) { return x > limit ? limit : (x < -limit ? -limit : x); });
  }
  switch (how.kind) {
    case Activation::kRelu:
      return each(count, data, [](T x) { return x < 0 ? T(0) : x; });
    case Activation::kTanh:
      return each(count, data, [](T x) { return hyperbolic_tangent(x); });
    case Activation::kSigmoid:
      return each(count, data, [](T x) { return T(1) / (T(1) + exponential(-x)); });
    case Activation::kAffine:
      return each(count, data, [=](T x) { return alpha * x + beta; });
    case Activation::kLeakyRelu:
      return each(count, data, [=](T x) { return x < 0 ? alpha * x : x; });
    case Activation::kThresholdedRelu:
      return each(count, data, [=](T x) { return x <= alpha ? T(0) : x; });
    case Activation::kScaledTanh:
      return each(count, data, [=](T x) { return alpha * hyperbolic_tangent(beta * x); });
    case Activation::kHardSigmoid:
      return each(count, data, [=](T x) {
        const T y = alpha * x + beta;
        return y > 1 ? T(1) : (y < 0 ? T(0) : y);
      });
    case Activation::kElu:
      return each(count, data, [=](T x) { return x < 0 ? alpha * less_one(x) : x; });
    case Activation::kSoftsign:
      return each(count, data, [](T x) { return x / (T(1) + (x < 0 ? -x : x)); });
    case Activation::kSoftplus:
      return each(count, data, [](T x) { return softplus(x); });
  }
}

template <class T>
void lstm_row(const CellShape& cell, T* __restrict sums, const T* __restrict x, const T* __restrict peepholes,
              T* __restrict state, T* __restrict h) {
  const int64_t n = cell.size;
  const auto [f, g, last] = cell.activations;
  T* input = sums;
  T* output = sums + n;
  T* forget = sums + 2 * n;
  T* candidate = sums + 3 * n;
  for (int64_t i = 0; i < 4 * n; ++i) sums[i] += x[i];
  if (peepholes != nullptr) {
    for (int64_t i = 0; i < n; ++i) {
      input[i] += peepholes[i] * state[i];
      forget[i] += peepholes[2 * n + i] * state[i];
    }
  }
  activate(f, cell.clip, n, input);
  if (cell.input_forget) {
    for (int64_t i = 0; i < n; ++i) forget[i] = T(1) - input[i];
  } else {
    activate(f, cell.clip, n, forget);
  }
  activate(g, cell.clip, n, candidate);
  for (int64_t i = 0; i < n; ++i) {
    state[i] = forget[i] * state[i] + input[i] * candidate[i];
    h[i] = state[i];
  }
  if (peepholes != nullptr) {
    for (int64_t i = 0; i < n; ++i) output[i] += peepholes[n + i] * state[i];
  }
  activate(f, cell.clip, n, output);
  activate(last, cell.clip, n, h);
  for (int64_t i = 0; i < n; ++i) h[i] *= output[i];
}

template <class T>
void gru_gates_row(const CellShape& cell, T* __restrict sums, const T* __restrict x, const T* __restrict h,
                   T* __restrict reset) {
  const int64_t n = cell.size;
  for (int64_t i = 0; i < 2 * n; ++i) sums[i] += x[i];
  activate(cell.activations[0], cell.clip, 2 * n, sums);
  if (cell.linear_before_reset) {
    for (int64_t i = 0; i < n; ++i) sums[2 * n + i] *= sums[n + i];
  } else {
    for (int64_t i = 0; i < n; ++i) reset[i] = sums[n + i] * h[i];
  }
}

template <class T>
void gru_state_row(const CellShape& cell, T* __restrict sums, const T* __restrict x, T* __restrict h) {
  const int64_t n = cell.size;
  T* candidate = sums + 2 * n;
  for (int64_t i = 0; i < n; ++i) candidate[i] += x[2 * n + i];
  activate(cell.activations[1], cell.clip, n, candidate);
  for (int64_t i = 0; i < n; ++i) h[i] = candidate[i] + sums[i] * (h[i] - candidate[i]);
}

template <class T>
void rnn_row(const CellShape& cell, const T* __restrict sums, const T* __restrict x, T* __restrict h) {
  for (int64_t i = 0; i < cell.size; ++i) h[i] = sums[i] + x[i];
  activate(cell.activations[0], cell.clip, cell.size, h);
}

template <class T>
constexpr CellKernels<T> kCellRows = {lstm_row<T>, gru_gates_row<T>, gru_state_row<T>, rnn_row<T>};

}  // namespace
}  // namespace bp::cpu
