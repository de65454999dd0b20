// Functions of libm in loops of numbers. glibc has each of them for vectors as well (libmvec, at most 4 units
// in the last place off, special values as libm has them); said here, a loop over one becomes a loop of
// vectors. Elsewhere, and under sanitizers, they are libm's own.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 35)
#define BP_CPU_LANES __attribute__((simd("notinbranch")))
#endif
#endif
#ifndef BP_CPU_LANES
#define BP_CPU_LANES
#endif

// clang-format off
#define BP_CPU_LANE_FUNCTIONS(X) \
  X(acos) X(acosh) X(asin) X(asinh) X(atan) X(atanh) X(cos) X(cosh) X(erf) X(expm1) X(log) X(log1p) \
  X(sin) X(sinh) X(tan) X(tanh)
// clang-format on

extern "C" {
#define BP_CPU_DECLARE_LANES(name)            \
  BP_CPU_LANES float name##f(float) noexcept; \
  BP_CPU_LANES double name(double) noexcept;
BP_CPU_LANE_FUNCTIONS(BP_CPU_DECLARE_LANES)
BP_CPU_LANES double exp(double) noexcept;
#undef BP_CPU_DECLARE_LANES
}

namespace bp::cpu {

namespace lanes {  // internal to each file: files are compiled for different processors

#define BP_CPU_NAME_LANES(name)                                               \
  [[maybe_unused]] static inline float name(float x) { return ::name##f(x); } \
  [[maybe_unused]] static inline double name(double x) { return ::name(x); }
BP_CPU_LANE_FUNCTIONS(BP_CPU_NAME_LANES)
#undef BP_CPU_NAME_LANES

[[maybe_unused]] static inline double exp(double x) { return ::exp(x); }

// 2^n times a polynomial in what is left of x (Cephes' coefficients): at most 2 units in the last place off,
// denormals and infinities included, and shorter than a call.
[[maybe_unused]] static inline float exp(float x) {
  constexpr float kToInteger = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  float held = x > 89.0f ? 89.0f : x;        // beyond these the result is infinity and 0
  held = held < -104.0f ? -104.0f : held;
  const float shifted = held * 1.44269504f + kToInteger;
  const float whole = shifted - kToInteger;
  const float rest = (held - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * rest + 1.3981999507e-3f;
  sum = sum * rest + 8.3334519073e-3f;
  sum = sum * rest + 4.1665795894e-2f;
  sum = sum * rest + 1.6666665459e-1f;
  sum = sum * rest + 5.0000001201e-1f;
  sum = sum * rest * rest + rest + 1.0f;
  // In two steps: one alone has no exponent for the ends of the range.
  const int32_t power = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kToInteger);
  const int32_t half = power >> 1;
  const auto scale = [](int32_t n) { return std::bit_cast<float>(static_cast<uint32_t>(n + 127) << 23); };
  return sum * scale(half) * scale(power - half);
}

}  // namespace lanes

}  // namespace bp::cpu
