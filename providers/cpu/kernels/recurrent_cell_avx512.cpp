// Recurrent cells for processors with avx512.
#include "kernels/recurrent_cell_impl.hpp"

namespace bp::cpu {

template <>
const CellKernels<float> CellVariants<float>::kAvx512 = kCellRows<float>;
template <>
const CellKernels<double> CellVariants<double>::kAvx512 = kCellRows<double>;

}  // namespace bp::cpu
