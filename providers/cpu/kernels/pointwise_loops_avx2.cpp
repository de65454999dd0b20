// Loops for chains for processors with avx2.
#include "kernels/pointwise_loops_impl.hpp"

namespace bp::cpu {

const PointwiseLoops PointwiseVariants::kAvx2{find_binary_loop, find_select_loop};

}  // namespace bp::cpu
