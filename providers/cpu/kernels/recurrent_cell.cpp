// Recurrent cells without special instructions, and the choice among the variants.
#include "instruction_set.hpp"
#include "kernels/recurrent_cell_impl.hpp"

namespace bp::cpu {

template <>
const CellKernels<float> CellVariants<float>::kPlain = kCellRows<float>;
template <>
const CellKernels<double> CellVariants<double>::kPlain = kCellRows<double>;

template <class T>
const CellKernels<T>& cell_kernels() {
  return best_variant<CellVariants<T>>();
}

template const CellKernels<float>& cell_kernels<float>();
template const CellKernels<double>& cell_kernels<double>();

}  // namespace bp::cpu
