// Fourier transforms for processors with avx512.
#include "kernels/fft_impl.hpp"

namespace bp::cpu {

template <>
const FftKernels<float> FftVariants<float>::kAvx512 = kFftPasses<float, 64>;
template <>
const FftKernels<double> FftVariants<double>::kAvx512 = kFftPasses<double, 64>;

}  // namespace bp::cpu
