// Totals of neighbouring numbers for processors with avx512.
#include "kernels/run_totals_impl.hpp"

namespace bp::cpu {

const RunTotals RunTotalsVariants::kAvx512 = kRunTotals;

}  // namespace bp::cpu
