// Scaling of channels: for any processor, and the choice.
#include "kernels/channel_scale.hpp"

#include "instruction_set.hpp"
#include "kernels/channel_scale_impl.hpp"

namespace bp::cpu {

const ChannelScales ChannelScalesVariants::kPlain = kChannelScales;

const ChannelScales& channel_scales() { return best_variant<ChannelScalesVariants>(); }

}  // namespace bp::cpu
