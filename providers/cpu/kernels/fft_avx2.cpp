// Fourier transforms for processors with avx2.
#include "kernels/fft_impl.hpp"

namespace bp::cpu {

template <>
const FftKernels<float> FftVariants<float>::kAvx2 = kFftPasses<float, 32>;
template <>
const FftKernels<double> FftVariants<double>::kAvx2 = kFftPasses<double, 32>;

}  // namespace bp::cpu
