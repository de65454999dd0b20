// Softmax along lines: for any processor, and the choice.
#include "kernels/softmax_lines.hpp"

#include "instruction_set.hpp"
#include "kernels/softmax_lines_impl.hpp"

namespace bp::cpu {

const SoftmaxLines SoftmaxLinesVariants::kPlain = kSoftmaxLines;

const SoftmaxLines& softmax_lines() { return best_variant<SoftmaxLinesVariants>(); }

}  // namespace bp::cpu
