// Lets movement happen in the layout in which convolutions leave their results: a tensor [N, C, spatial..] in
// such a layout is a row-major tensor of other, "lying" dims, and whatever leaves its channels alone is the
// same movement there.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

// Channels per block; 0 where channels are not cut (row-major and channels last).
int64_t channel_block(Layout layout) noexcept;
// The row-major dims of what lies there, padding included.
Dims lying_dims(const Dims& dims, Layout layout);
// Where axis `axis` of `rank` is found among lying dims; of blocked channels, their number of blocks.
size_t lying_axis(size_t axis, size_t rank, Layout layout);
// The layout of input 0, where it is one for a float32 tensor of 3 to 5 dims; otherwise row-major.
Layout movable_layout(const Builder& b);

}  // namespace bp::cpu
