// Functions of one number for processors with avx512.
#include "kernels/unary_functions_impl.hpp"

namespace bp::cpu {

template <>
const UnaryTable<float> UnaryVariants<float>::kAvx512 = kUnaryLoops<float>;
template <>
const UnaryTable<double> UnaryVariants<double>::kAvx512 = kUnaryLoops<double>;

}  // namespace bp::cpu
