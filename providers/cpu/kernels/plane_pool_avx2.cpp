// Pooling of planes for processors with avx2.
#include "kernels/plane_pool_impl.hpp"

namespace bp::cpu {

const PlanePools PlanePoolsVariants::kAvx2 = kPlanePools;

}  // namespace bp::cpu
