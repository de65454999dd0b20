// Pooling of planes for processors with avx512.
#include "kernels/plane_pool_impl.hpp"

namespace bp::cpu {

const PlanePools PlanePoolsVariants::kAvx512 = kPlanePools;

}  // namespace bp::cpu
