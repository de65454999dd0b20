// Scaling of channels for processors with avx2.
#include "kernels/channel_scale_impl.hpp"

namespace bp::cpu {

const ChannelScales ChannelScalesVariants::kAvx2 = kChannelScales;

}  // namespace bp::cpu
