// Loops for chains: for any processor, and the choice.
#include "kernels/pointwise_loops.hpp"

#include "instruction_set.hpp"
#include "kernels/pointwise_loops_impl.hpp"

namespace bp::cpu {

const PointwiseLoops PointwiseVariants::kPlain{find_binary_loop, find_select_loop};

const PointwiseLoops& pointwise_loops() { return best_variant<PointwiseVariants>(); }

}  // namespace bp::cpu
