// Quantization for processors with avx512.
#include "kernels/quantize_impl.hpp"

namespace bp::cpu {

const QuantizeKernels QuantizeVariants::kAvx512 = kQuantizeLoops;

}  // namespace bp::cpu
