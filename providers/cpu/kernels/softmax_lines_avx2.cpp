// Softmax along lines for processors with avx2.
#include "kernels/softmax_lines_impl.hpp"

namespace bp::cpu {

const SoftmaxLines SoftmaxLinesVariants::kAvx2 = kSoftmaxLines;

}  // namespace bp::cpu
