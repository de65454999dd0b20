// Totals of neighbouring numbers for processors with avx2.
#include "kernels/run_totals_impl.hpp"

namespace bp::cpu {

const RunTotals RunTotalsVariants::kAvx2 = kRunTotals;

}  // namespace bp::cpu
