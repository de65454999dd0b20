// Winograd's algorithm for processors with avx512.
#include "kernels/winograd_impl.hpp"

namespace bp::cpu {

const WinogradKernels WinogradVariants::kAvx512[2] = {
    {Winograd<64>::read<2>, Winograd<64>::multiply, Winograd<64>::write<2>},
    {Winograd<64>::read<4>, Winograd<64>::multiply, Winograd<64>::write<4>},
};

}  // namespace bp::cpu
