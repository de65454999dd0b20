// Convolutions by kernels/winograd: whether they can be, what they cost, and the step.
#pragma once

#include <string>
#include "kernels/winograd.hpp"
#include "ops/float_convolution.hpp"

namespace bp::cpu {

// 3x3 windows without strides or groups over whole blocks of 16 channels, in 2 dims.
bool fits_winograd(const FloatConvolution& shapes);

// Multiplications and their like, memory traffic included: of tiles with `tile` outputs per side, or (0) of the
// direct sum. `constant`: are the weights?
double winograd_cost(const FloatConvolution& shapes, int tile, bool constant);

// Without what is finished behind it.
WinogradPlan winograd_plan(const FloatConvolution& shapes, int tile, Layout layout, int threads);
std::string winograd_name(int tile);  // "winograd 4x4"

// Adds the step. `layout`, of input and output: blocks of 16 or channels last.
void build_winograd(Builder& b, const FloatConvolution& shapes, int tile, Layout layout, std::string note);

}  // namespace bp::cpu
