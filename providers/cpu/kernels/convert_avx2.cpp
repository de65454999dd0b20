// Conversions for processors with avx2.
#include "kernels/convert_impl.hpp"

namespace bp::cpu {

const ConvertLoops ConvertVariants::kAvx2{find_wide_loop};

}  // namespace bp::cpu
