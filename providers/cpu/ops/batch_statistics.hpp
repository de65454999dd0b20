// The training half of BatchNormalization; ops/channel_normalization.cpp has its row and the inference half.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

// Inputs have been checked: X, and four with an entry per channel.
void build_batch_statistics(Builder& b);

}  // namespace bp::cpu
