// Discrete Fourier transforms of any length, several lines side by side: line l of element k is at
// [k * lanes + l], real and imaginary parts apart. Lengths whose prime factors are small go by mixed radices
// (Stockham), others by Bluestein's convolution.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bp::cpu {

template <class T>
struct FftKernels {
  int64_t lanes;
  // One pass of radix r over n elements in blocks of `block`: reads x, writes y. roots: n cosines, n negative
  // sines.
  void (*pass)(int64_t radix, int64_t n, int64_t block, const T* roots, const T* x_re, const T* x_im, T* y_re,
               T* y_im);
  // x *= y, count elements of all lanes; y has one number for all lanes.
  void (*multiply)(int64_t count, const T* y_re, const T* y_im, T* x_re, T* x_im);
};

template <class T>
const FftKernels<T>& fft_kernels();

template <class T>
struct FftVariants {
  static const FftKernels<T> kPlain;
  static const FftKernels<T> kAvx2;
  static const FftKernels<T> kAvx512;
};

template <class T>
class Fft {
 public:
  explicit Fft(int64_t length);

  int64_t length() const { return length_; }
  static int64_t lanes() { return fft_kernels<T>().lanes; }
  // Of the scratch memory that run() needs.
  int64_t scratch_elements() const;
  // Transforms re and im, length * lanes elements each, in place; for the inverse, without 1 / length, pass im
  // as re and re as im.
  void run(T* re, T* im, T* scratch) const;

 private:
  void mixed(T* re, T* im, T* scratch) const;
  void bluestein(T* re, T* im, T* scratch) const;

  int64_t length_;
  std::vector<int64_t> radices_;  // empty: Bluestein
  std::vector<T> roots_;          // length cosines, then length negative sines
  std::unique_ptr<const Fft> convolution_;
  std::vector<T> chirp_;   // length cosines, then length sines: e^(-i pi k^2 / length)
  std::vector<T> filter_;  // the transformed chirp, conjugate, over the convolution's length, scaled by it
};

}  // namespace bp::cpu
