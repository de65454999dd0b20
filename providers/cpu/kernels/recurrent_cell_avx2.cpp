// Recurrent cells for processors with avx2.
#include "kernels/recurrent_cell_impl.hpp"

namespace bp::cpu {

template <>
const CellKernels<float> CellVariants<float>::kAvx2 = kCellRows<float>;
template <>
const CellKernels<double> CellVariants<double>::kAvx2 = kCellRows<double>;

}  // namespace bp::cpu
