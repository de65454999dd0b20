// The blocks of dense.hpp, included once per kind of multiplication; everything here is local to the file that
// includes it.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "kernels/dense.hpp"

namespace bp::cpu {

namespace {

// x * (1/2 + x * p(x^2)): the normal distribution's odd part as a polynomial over |x| <= 5, fitted for the
// least absolute error; with float32's rounding 1.2e-6 at most.
inline __m512 gelu(__m512 x) {
  constexpr float kTerms[] = {0.000608718256f, -0.00161326176f, 0.00172282499f, -0.00268558366f, 0.00641048327f,
                              -0.0111643318f,  0.0164021868f,   -0.0232686549f, 0.0314421691f,   -0.0404426083f,
                              0.0515205227f,   -0.0702962801f,  0.141363785f};
  const __m512 held = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(5.0f)), _mm512_set1_ps(-5.0f));
  const __m512 t = _mm512_fmsub_ps(_mm512_mul_ps(held, _mm512_set1_ps(0.08f)), held, _mm512_set1_ps(1.0f));
  __m512 sum = _mm512_set1_ps(kTerms[0]);
#pragma GCC unroll 16
  for (size_t i = 1; i < std::size(kTerms); ++i) sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(kTerms[i]));
  return _mm512_mul_ps(x, _mm512_fmadd_ps(held, sum, _mm512_set1_ps(0.5f)));
}

inline __m512 exp_of(__m512 x) {
  const __m512 held = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(88.0f)), _mm512_set1_ps(-87.0f));
  const __m512 whole = _mm512_roundscale_ps(_mm512_mul_ps(held, _mm512_set1_ps(1.44269504f)), 0);
  __m512 rest = _mm512_fnmadd_ps(whole, _mm512_set1_ps(0.693359375f), held);
  rest = _mm512_fmadd_ps(whole, _mm512_set1_ps(2.12194440e-4f), rest);
  __m512 sum = _mm512_set1_ps(1.9875691500e-4f);
  for (const float c :
       {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(c));
  sum = _mm512_fmadd_ps(_mm512_mul_ps(sum, rest), rest, _mm512_add_ps(rest, _mm512_set1_ps(1.0f)));
  return _mm512_scalef_ps(sum, whole);
}

// x / (1 + exp(-2 u)), u = sqrt(2/pi) (x + 0.044715 x^3): 0.5 x (1 + tanh u)
inline __m512 gelu_tanh(__m512 x) {
  const __m512 square = _mm512_mul_ps(x, x);
  const __m512 factor = _mm512_fmadd_ps(square, _mm512_set1_ps(-2 * 0.7978845608f * 0.044715f),
                                        _mm512_set1_ps(-2 * 0.7978845608f));
  const __m512 power = exp_of(_mm512_mul_ps(x, factor));
  return _mm512_div_ps(x, _mm512_add_ps(power, _mm512_set1_ps(1.0f)));
}

template <DenseFunction kFunction>
inline __m512 apply(__m512 x) {
  if constexpr (kFunction == DenseFunction::kRelu) return _mm512_max_ps(_mm512_setzero_ps(), x);
  if constexpr (kFunction == DenseFunction::kGelu) return gelu(x);
  if constexpr (kFunction == DenseFunction::kGeluTanh) return gelu_tanh(x);
  return x;
}

// What a multiplication of groups is: Sum, zero(), load(), repeat(), add(sum, a, b), join(), and Column, made
// of the finish, a column and a mask, with value(sum, row).
template <class Groups, DenseFunction kFunction, int kVectors>
[[gnu::noinline]] void finish_block(const DenseBlock& block, const typename Groups::Sum* sums) {
  const DenseFinish& finish = *block.finish;
  for (int v = 0; v < kVectors; ++v) {
    const int64_t column = v * kDenseLanes;
    const int64_t left = std::min(kDenseLanes, block.columns - column);
    const auto mask = static_cast<__mmask16>((1u << left) - 1);
    const typename Groups::Column weights(finish, column, mask);
    const __m512 bias =
        finish.bias != nullptr ? _mm512_maskz_loadu_ps(mask, finish.bias + column) : _mm512_setzero_ps();
    for (int64_t r = 0; r < block.rows; ++r) {
      __m512 x = apply<kFunction>(_mm512_add_ps(weights.value(sums[r * kVectors + v], r), bias));
      const int64_t at = r * block.dst_stride + column;
      if (finish.residual != nullptr) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, finish.residual + at));
      _mm512_mask_storeu_ps(block.dst + at, mask, x);
    }
  }
}

template <class Groups, int kRows, int kVectors>
[[gnu::always_inline]] inline void add_groups(const char* a, int64_t a_stride, const char* panel,
                                              typename Groups::Sum (&sums)[kRows][kVectors]) {
  typename Groups::Sum weights[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) weights[v] = Groups::load(panel + v * 64);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const auto group = Groups::repeat(a + r * a_stride);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Groups::add(sums[r][v], group, weights[v]);
  }
}

// Few rows have too few sums to keep the multipliers busy, so they take neighbouring groups apart.
template <class Groups, int kRows, int kVectors>
[[gnu::noinline]] void multiply_block(const DenseBlock& block, typename Groups::Sum* result) {
  using Sum = typename Groups::Sum;
  constexpr int kApart = kRows * kVectors <= 6 ? 4 : 1;
  Sum sums[kApart][kRows][kVectors];
#pragma GCC unroll 4
  for (int part = 0; part < kApart; ++part) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[part][r][v] = Groups::zero();
    }
  }
  const char* a = static_cast<const char*>(block.a);
  const char* panel = static_cast<const char*>(block.panel);
  const int64_t a_stride = block.a_stride;
  int64_t left = block.groups;
  if constexpr (kApart == 1) {
    const int64_t fetched = std::min(block.ahead_lines, left);
    left -= fetched;
    const char* const end = a + 4 * fetched;
    for (const char* ahead = block.ahead; a != end; a += 4, panel += 64 * kVectors, ahead += 64) {
      _mm_prefetch(ahead, _MM_HINT_T1);
      add_groups<Groups>(a, a_stride, panel, sums[0]);
    }
  }
  for (; left >= kApart; left -= kApart, a += 4 * kApart, panel += 64 * kVectors * kApart) {
#pragma GCC unroll 4
    for (int part = 0; part < kApart; ++part) {
      add_groups<Groups>(a + 4 * part, a_stride, panel + 64 * kVectors * part, sums[part]);
    }
  }
  for (; left > 0; --left, a += 4, panel += 64 * kVectors) add_groups<Groups>(a, a_stride, panel, sums[0]);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      Sum sum = sums[0][r][v];
#pragma GCC unroll 4
      for (int part = 1; part < kApart; ++part) sum = Groups::join(sum, sums[part][r][v]);
      result[r * kVectors + v] = sum;
    }
  }
}

template <class Groups, int kVectors>
void multiply_rows(const DenseBlock& block, typename Groups::Sum* sums) {
  static_assert(kDenseRows == 8);
  switch (block.rows) {
    case 1:
      return multiply_block<Groups, 1, kVectors>(block, sums);
    case 2:
      return multiply_block<Groups, 2, kVectors>(block, sums);
    case 3:
      return multiply_block<Groups, 3, kVectors>(block, sums);
    case 4:
      return multiply_block<Groups, 4, kVectors>(block, sums);
    case 5:
      return multiply_block<Groups, 5, kVectors>(block, sums);
    case 6:
      return multiply_block<Groups, 6, kVectors>(block, sums);
    case 7:
      return multiply_block<Groups, 7, kVectors>(block, sums);
    default:
      return multiply_block<Groups, 8, kVectors>(block, sums);
  }
}

template <class Groups, int kVectors>
void run_panel(const DenseBlock& block) {
  typename Groups::Sum sums[kDenseRows * kVectors];
  multiply_rows<Groups, kVectors>(block, sums);
  switch (block.finish->function) {
    case DenseFunction::kNone:
      return finish_block<Groups, DenseFunction::kNone, kVectors>(block, sums);
    case DenseFunction::kRelu:
      return finish_block<Groups, DenseFunction::kRelu, kVectors>(block, sums);
    case DenseFunction::kGelu:
      return finish_block<Groups, DenseFunction::kGelu, kVectors>(block, sums);
    case DenseFunction::kGeluTanh:
      return finish_block<Groups, DenseFunction::kGeluTanh, kVectors>(block, sums);
  }
}

template <class Groups>
void run_block(const DenseBlock& block) {
  static_assert(kDenseColumns == 3 * kDenseLanes);
  if (block.columns > 2 * kDenseLanes) return run_panel<Groups, 3>(block);
  if (block.columns > kDenseLanes) return run_panel<Groups, 2>(block);
  run_panel<Groups, 1>(block);
}

// Sums in float32.
struct FloatSums {
  using Sum = __m512;
  static Sum zero() { return _mm512_setzero_ps(); }
  static Sum load(const char* from) { return _mm512_loadu_ps(from); }
  static Sum join(Sum a, Sum b) { return _mm512_add_ps(a, b); }
  struct Column {
    Column(const DenseFinish&, int64_t, __mmask16) {}
    static __m512 value(Sum sum, int64_t) { return sum; }
  };
};

}  // namespace

}  // namespace bp::cpu
