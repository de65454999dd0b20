// Chosen where the processor has it, which adds up products in one instruction: see integer_product.cpp.
#include "kernels/integer_product_loops.hpp"

namespace bp::cpu {

void multiply_avx512_vnni(const IntegerProduct& product) { multiply_all<4, 4>(product); }

}  // namespace bp::cpu
