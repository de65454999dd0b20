// Softmax along lines for processors with avx512.
#include "kernels/softmax_lines_impl.hpp"

namespace bp::cpu {

const SoftmaxLines SoftmaxLinesVariants::kAvx512 = kSoftmaxLines;

}  // namespace bp::cpu
