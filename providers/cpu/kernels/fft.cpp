// Plans of Fourier transforms: factors, roots of unity, Bluestein's chirp.
#include "kernels/fft.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "instruction_set.hpp"
#include "kernels/fft_impl.hpp"

namespace bp::cpu {

template <>
const FftKernels<float> FftVariants<float>::kPlain = kFftPasses<float, 16>;
template <>
const FftKernels<double> FftVariants<double>::kPlain = kFftPasses<double, 16>;

template <class T>
const FftKernels<T>& fft_kernels() {
  return best_variant<FftVariants<T>>();
}

namespace {

// Empty where a prime factor is too large.
std::vector<int64_t> find_radices(int64_t n) {
  std::vector<int64_t> radices;
  for (const int64_t radix : {4, 2, 3, 5, 7, 11, 13}) {
    for (; n % radix == 0; n /= radix) radices.push_back(radix);
  }
  return n == 1 ? radices : std::vector<int64_t>{};
}

// e^(-2 pi i k / n), k in [0, n): cosines, then negative sines.
template <class T>
std::vector<T> find_roots(int64_t n) {
  std::vector<T> roots(static_cast<size_t>(2 * n));
  for (int64_t k = 0; k < n; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    roots[static_cast<size_t>(k)] = static_cast<T>(std::cos(angle));
    roots[static_cast<size_t>(n + k)] = static_cast<T>(-std::sin(angle));
  }
  return roots;
}

}  // namespace

template <class T>
Fft<T>::Fft(int64_t length) : length_(length), radices_(find_radices(length)) {
  if (!radices_.empty() || length == 1) {
    roots_ = find_roots<T>(length);
    return;
  }
  int64_t wide = 1;
  while (wide < 2 * length - 1) wide *= 2;
  convolution_ = std::make_unique<const Fft>(wide);
  chirp_.resize(static_cast<size_t>(2 * length));
  // The filter in double on one lane of its own.
  std::vector<double> re(static_cast<size_t>(wide * Fft<double>::lanes())), im(re);
  for (int64_t k = 0; k < length; ++k) {
    const double angle =
        std::numbers::pi * static_cast<double>(k * k % (2 * length)) / static_cast<double>(length);
    chirp_[static_cast<size_t>(k)] = static_cast<T>(std::cos(angle));
    chirp_[static_cast<size_t>(length + k)] = static_cast<T>(-std::sin(angle));
    for (const int64_t at : {k, (wide - k) % wide}) {
      re[static_cast<size_t>(at * Fft<double>::lanes())] = std::cos(angle) / static_cast<double>(wide);
      im[static_cast<size_t>(at * Fft<double>::lanes())] = std::sin(angle) / static_cast<double>(wide);
    }
  }
  const Fft<double> exact(wide);
  std::vector<double> scratch(static_cast<size_t>(exact.scratch_elements()));
  exact.run(re.data(), im.data(), scratch.data());
  filter_.resize(static_cast<size_t>(2 * wide));
  for (int64_t k = 0; k < wide; ++k) {
    filter_[static_cast<size_t>(k)] = static_cast<T>(re[static_cast<size_t>(k * Fft<double>::lanes())]);
    filter_[static_cast<size_t>(wide + k)] = static_cast<T>(im[static_cast<size_t>(k * Fft<double>::lanes())]);
  }
}

template <class T>
int64_t Fft<T>::scratch_elements() const {
  if (convolution_ != nullptr) return 2 * convolution_->length() * lanes() + convolution_->scratch_elements();
  return 2 * length_ * lanes();
}

template <class T>
void Fft<T>::run(T* re, T* im, T* scratch) const {
  if (convolution_ != nullptr) {
    bluestein(re, im, scratch);
  } else {
    mixed(re, im, scratch);
  }
}

template <class T>
void Fft<T>::mixed(T* re, T* im, T* scratch) const {
  T* x_re = re;
  T* x_im = im;
  T* y_re = scratch;
  T* y_im = scratch + length_ * lanes();
  int64_t block = 1;
  for (const int64_t radix : radices_) {
    fft_kernels<T>().pass(radix, length_, block, roots_.data(), x_re, x_im, y_re, y_im);
    std::swap(x_re, y_re);
    std::swap(x_im, y_im);
    block *= radix;
  }
  if (x_re == re) return;
  const size_t bytes = static_cast<size_t>(length_ * lanes()) * sizeof(T);
  std::memcpy(re, x_re, bytes);
  std::memcpy(im, x_im, bytes);
}

// With j k = (j^2 + k^2 - (k - j)^2) / 2 the sum is a convolution with a chirp.
template <class T>
void Fft<T>::bluestein(T* re, T* im, T* scratch) const {
  const FftKernels<T>& kernels = fft_kernels<T>();
  const int64_t wide = convolution_->length();
  T* a_re = scratch;
  T* a_im = scratch + wide * lanes();
  T* rest = scratch + 2 * wide * lanes();
  const T* chirp_im = chirp_.data() + length_;
  const int64_t count = length_ * lanes();
  kernels.multiply(length_, chirp_.data(), chirp_im, re, im);
  std::copy(re, re + count, a_re);
  std::copy(im, im + count, a_im);
  std::fill(a_re + count, a_re + wide * lanes(), T(0));
  std::fill(a_im + count, a_im + wide * lanes(), T(0));
  convolution_->run(a_re, a_im, rest);
  kernels.multiply(wide, filter_.data(), filter_.data() + wide, a_re, a_im);
  convolution_->run(a_im, a_re, rest);
  std::copy(a_re, a_re + count, re);
  std::copy(a_im, a_im + count, im);
  kernels.multiply(length_, chirp_.data(), chirp_im, re, im);
}

template class Fft<float>;
template class Fft<double>;
template const FftKernels<float>& fft_kernels<float>();
template const FftKernels<double>& fft_kernels<double>();

}  // namespace bp::cpu
