// The loops of convert.hpp that profit from wide vectors, compiled once per instruction set: everything here is
// local to the file that includes it.
#pragma once

#include <limits>

#include "kernels/convert.hpp"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace bp::cpu {

namespace {

// Floats to integers: truncated; what does not fit is what the machine's conversion through int64 gives.
template <class To, class From>
To truncated(From value) {
  constexpr auto kLimit = From(9.2e18);
  const bool fits = (value >= -kLimit) & (value <= kLimit);
  const auto whole = static_cast<int64_t>(fits ? value : From(0));
  return static_cast<To>(fits ? whole : std::numeric_limits<int64_t>::min());
}

template <class From, class To>
void truncate_all(const std::byte* source, std::byte* target, int64_t count) {
  const auto* x = reinterpret_cast<const From*>(source);
  auto* y = reinterpret_cast<To*>(target);
  for (int64_t i = 0; i < count; ++i) y[i] = truncated<To>(x[i]);
}

#if defined(__F16C__)
inline void halves_to_floats(const std::byte* source, std::byte* target, int64_t count) {
  const auto* x = reinterpret_cast<const uint16_t*>(source);
  auto* y = reinterpret_cast<float*>(target);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(y + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + i))));
  for (; i < count; ++i) y[i] = _cvtsh_ss(x[i]);
}

inline void floats_to_halves(const std::byte* source, std::byte* target, int64_t count) {
  constexpr int kNearest = 0;
  const auto* x = reinterpret_cast<const float*>(source);
  auto* y = reinterpret_cast<uint16_t*>(target);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), kNearest));
  for (; i < count; ++i) y[i] = _cvtss_sh(x[i], kNearest);
}
#endif

// nullptr where there is nothing better than an element after the other.
inline ConvertLoop find_wide_loop(Type from, Type to) {
  ConvertLoop found = nullptr;
  constexpr TypeMask kTargets = kInts & ~mask(Type::kUint64);
  if (from == Type::kFloat32)
    dispatch<kTargets>(to, [&]<class To>(Tag<To>) { found = truncate_all<float, To>; });
  if (from == Type::kFloat64)
    dispatch<kTargets>(to, [&]<class To>(Tag<To>) { found = truncate_all<double, To>; });
#if defined(__F16C__)
  if (from == Type::kFloat16 && to == Type::kFloat32) found = halves_to_floats;
  if (from == Type::kFloat32 && to == Type::kFloat16) found = floats_to_halves;
#endif
  return found;
}

}  // namespace

}  // namespace bp::cpu
