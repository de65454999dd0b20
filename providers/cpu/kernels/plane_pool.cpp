// Pooling of planes: for any processor, and the choice.
#include "kernels/plane_pool.hpp"

#include "instruction_set.hpp"
#include "kernels/plane_pool_impl.hpp"

namespace bp::cpu {

const PlanePools PlanePoolsVariants::kPlain = kPlanePools;

const PlanePools& plane_pools() { return best_variant<PlanePoolsVariants>(); }

}  // namespace bp::cpu
