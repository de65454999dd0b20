// Totals of neighbouring numbers: for any processor, and the choice.
#include "kernels/run_totals.hpp"

#include "instruction_set.hpp"
#include "kernels/run_totals_impl.hpp"

namespace bp::cpu {

const RunTotals RunTotalsVariants::kPlain = kRunTotals;

const RunTotals& run_totals() { return best_variant<RunTotalsVariants>(); }

}  // namespace bp::cpu
