// Panel products for processors with avx512.
#include "kernels/panel_product_impl.hpp"

namespace bp::cpu {

template <>
const PanelKernels<float> PanelVariants<float>::kAvx512 = {64, panel_rows<float, 64, 4>};
template <>
const PanelKernels<double> PanelVariants<double>::kAvx512 = {32, panel_rows<double, 64, 4>};
template <>
const PanelKernels<uint32_t> PanelVariants<uint32_t>::kAvx512 = {64, panel_rows<uint32_t, 64, 4>};
template <>
const PanelKernels<uint64_t> PanelVariants<uint64_t>::kAvx512 = {32, panel_rows<uint64_t, 64, 4>};

}  // namespace bp::cpu
