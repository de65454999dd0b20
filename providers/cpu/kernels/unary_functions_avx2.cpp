// Functions of one number for processors with avx2.
#include "kernels/unary_functions_impl.hpp"

namespace bp::cpu {

template <>
const UnaryTable<float> UnaryVariants<float>::kAvx2 = kUnaryLoops<float>;
template <>
const UnaryTable<double> UnaryVariants<double>::kAvx2 = kUnaryLoops<double>;

}  // namespace bp::cpu
