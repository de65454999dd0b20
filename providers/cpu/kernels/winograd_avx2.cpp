// Winograd's algorithm for processors with avx2.
#include "kernels/winograd_impl.hpp"

namespace bp::cpu {

const WinogradKernels WinogradVariants::kAvx2[2] = {
    {Winograd<32>::read<2>, Winograd<32>::multiply, Winograd<32>::write<2>},
    {Winograd<32>::read<4>, Winograd<32>::multiply, Winograd<32>::write<4>},
};

}  // namespace bp::cpu
