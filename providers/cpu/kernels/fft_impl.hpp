// Passes of FftKernels, included once per instruction set; like panel_product_impl.hpp without names from
// outside.
#pragma once

#include <cstdint>

#include "kernels/fft.hpp"

namespace bp::cpu {
namespace {

template <class T, int kBytes>
struct FftVector {
  using Type [[gnu::vector_size(kBytes), gnu::aligned(alignof(T)), gnu::may_alias]] = T;
};

// The DFT of kRadix numbers.
template <class T, int kRadix, class V>
inline void butterfly(const T* cosines, const T* sines, V* re, V* im) {
  if constexpr (kRadix == 2) {
    const V r = re[0] - re[1], i = im[0] - im[1];
    re[0] += re[1];
    im[0] += im[1];
    re[1] = r;
    im[1] = i;
  } else if constexpr (kRadix == 4) {
    const V r0 = re[0] + re[2], i0 = im[0] + im[2], r1 = re[0] - re[2], i1 = im[0] - im[2];
    const V r2 = re[1] + re[3], i2 = im[1] + im[3], r3 = im[1] - im[3], i3 = re[3] - re[1];
    re[0] = r0 + r2;
    im[0] = i0 + i2;
    re[1] = r1 + r3;
    im[1] = i1 + i3;
    re[2] = r0 - r2;
    im[2] = i0 - i2;
    re[3] = r1 - r3;
    im[3] = i1 - i3;
  } else {
    // Elements j and kRadix - j meet the same cosine and opposite sines.
    constexpr int kHalf = kRadix / 2;
    V sum_re[kHalf + 1], sum_im[kHalf + 1], gap_re[kHalf + 1], gap_im[kHalf + 1];
    V all_re = re[0], all_im = im[0];
    for (int j = 1; j <= kHalf; ++j) {
      sum_re[j] = re[j] + re[kRadix - j];
      sum_im[j] = im[j] + im[kRadix - j];
      gap_re[j] = re[j] - re[kRadix - j];
      gap_im[j] = im[j] - im[kRadix - j];
      all_re += sum_re[j];
      all_im += sum_im[j];
    }
    for (int k = 1; k <= kHalf; ++k) {
      V even_re = re[0], even_im = im[0], odd_re = {}, odd_im = {};
      for (int j = 1; j <= kHalf; ++j) {
        const T c = cosines[j * k % kRadix], s = sines[j * k % kRadix];
        even_re += c * sum_re[j];
        even_im += c * sum_im[j];
        odd_re -= s * gap_im[j];
        odd_im += s * gap_re[j];
      }
      re[k] = even_re + odd_re;
      im[k] = even_im + odd_im;
      re[kRadix - k] = even_re - odd_re;
      im[kRadix - k] = even_im - odd_im;
    }
    re[0] = all_re;
    im[0] = all_im;
  }
}

template <class T, int kBytes, int kRadix>
void fft_radix(int64_t n, int64_t block, const T* roots, const T* x_re, const T* x_im, T* y_re, T* y_im) {
  using V = typename FftVector<T, kBytes>::Type;
  constexpr int64_t kLanes = kBytes / static_cast<int64_t>(sizeof(T));
  const int64_t blocks = n / block / kRadix;
  T cosines[kRadix], sines[kRadix];
  for (int j = 0; j < kRadix; ++j) {
    cosines[j] = roots[j * (n / kRadix)];
    sines[j] = roots[n + j * (n / kRadix)];
  }
  const int64_t step = block * blocks * kLanes;
  for (int64_t p = 0; p < blocks; ++p) {
    for (int64_t q = 0; q < block; ++q) {
      const int64_t from = (q + block * p) * kLanes;
      const int64_t to = (q + block * kRadix * p) * kLanes;
      V re[kRadix], im[kRadix];
      for (int j = 0; j < kRadix; ++j) {
        re[j] = *reinterpret_cast<const V*>(x_re + from + j * step);
        im[j] = *reinterpret_cast<const V*>(x_im + from + j * step);
      }
      butterfly<T, kRadix>(cosines, sines, re, im);
      for (int k = 0; k < kRadix; ++k) {
        const T c = roots[p * k * block];
        const T s = roots[n + p * k * block];
        *reinterpret_cast<V*>(y_re + to + k * block * kLanes) = re[k] * c - im[k] * s;
        *reinterpret_cast<V*>(y_im + to + k * block * kLanes) = re[k] * s + im[k] * c;
      }
    }
  }
}

template <class T, int kBytes>
void fft_pass(int64_t radix, int64_t n, int64_t block, const T* roots, const T* x_re, const T* x_im, T* y_re,
              T* y_im) {
  switch (radix) {
    case 2:
      return fft_radix<T, kBytes, 2>(n, block, roots, x_re, x_im, y_re, y_im);
    case 3:
      return fft_radix<T, kBytes, 3>(n, block, roots, x_re, x_im, y_re, y_im);
    case 4:
      return fft_radix<T, kBytes, 4>(n, block, roots, x_re, x_im, y_re, y_im);
    case 5:
      return fft_radix<T, kBytes, 5>(n, block, roots, x_re, x_im, y_re, y_im);
    case 7:
      return fft_radix<T, kBytes, 7>(n, block, roots, x_re, x_im, y_re, y_im);
    case 11:
      return fft_radix<T, kBytes, 11>(n, block, roots, x_re, x_im, y_re, y_im);
    default:
      return fft_radix<T, kBytes, 13>(n, block, roots, x_re, x_im, y_re, y_im);
  }
}

template <class T, int kBytes>
void fft_multiply(int64_t count, const T* y_re, const T* y_im, T* x_re, T* x_im) {
  using V = typename FftVector<T, kBytes>::Type;
  constexpr int64_t kLanes = kBytes / static_cast<int64_t>(sizeof(T));
  for (int64_t k = 0; k < count; ++k) {
    V& re = *reinterpret_cast<V*>(x_re + k * kLanes);
    V& im = *reinterpret_cast<V*>(x_im + k * kLanes);
    const V r = re * y_re[k] - im * y_im[k];
    im = re * y_im[k] + im * y_re[k];
    re = r;
  }
}

template <class T, int kBytes>
constexpr FftKernels<T> kFftPasses = {kBytes / static_cast<int64_t>(sizeof(T)), fft_pass<T, kBytes>,
                                      fft_multiply<T, kBytes>};

}  // namespace
}  // namespace bp::cpu
