// Scaling of channels for processors with avx512.
#include "kernels/channel_scale_impl.hpp"

namespace bp::cpu {

const ChannelScales ChannelScalesVariants::kAvx512 = kChannelScales;

}  // namespace bp::cpu
