// Panel products for processors with avx2.
#include "kernels/panel_product_impl.hpp"

namespace bp::cpu {

template <>
const PanelKernels<float> PanelVariants<float>::kAvx2 = {16, panel_rows<float, 32, 2>};
template <>
const PanelKernels<double> PanelVariants<double>::kAvx2 = {8, panel_rows<double, 32, 2>};
template <>
const PanelKernels<uint32_t> PanelVariants<uint32_t>::kAvx2 = {16, panel_rows<uint32_t, 32, 2>};
template <>
const PanelKernels<uint64_t> PanelVariants<uint64_t>::kAvx2 = {8, panel_rows<uint64_t, 32, 2>};

}  // namespace bp::cpu
