// Quantization for processors with avx2.
#include "kernels/quantize_impl.hpp"

namespace bp::cpu {

const QuantizeKernels QuantizeVariants::kAvx2 = kQuantizeLoops;

}  // namespace bp::cpu
