// Conversions for processors with avx512.
#include "kernels/convert_impl.hpp"

namespace bp::cpu {

const ConvertLoops ConvertVariants::kAvx512{find_wide_loop};

}  // namespace bp::cpu
