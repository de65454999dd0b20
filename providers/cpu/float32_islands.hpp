// Computes in float32 what a model has in 16-bit floats: in a partition with products of matrices or
// convolutions, the values between arithmetic nodes become float32, casts stand where others see them, and
// constants are widened once. Results are rounded where they leave, not after every node.
#pragma once

#include "graph.hpp"

namespace bp::cpu {

void make_float32_islands(Graph& graph);

}  // namespace bp::cpu
