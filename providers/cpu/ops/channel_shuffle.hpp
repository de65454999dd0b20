// Channels of groups interleaved, which models write as Reshape, Transpose, Reshape, in the layout in which a
// convolution left them.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

// For a Reshape to `to`: true where it begins such a shuffle of channels that lie beside each other. Adds its
// output and step, and takes the two nodes behind with it.
bool build_channel_shuffle(Builder& b, const Dims& to);

}  // namespace bp::cpu
