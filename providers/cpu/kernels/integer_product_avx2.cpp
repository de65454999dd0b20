// Chosen where the processor has it: see integer_product.cpp.
#include "kernels/integer_product_loops.hpp"

namespace bp::cpu {

void multiply_avx2(const IntegerProduct& product) { multiply_all<2, 4>(product); }

}  // namespace bp::cpu
