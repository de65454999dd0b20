// In which layout the convolutions of a partition leave their results, where they have the choice. One for all,
// lest every other step be a reorder.
#pragma once

#include "graph.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

// Channels last where nothing but dense convolutions and what keeps any layout lies between them: oneDNN's
// kernels for it are the faster ones (strides most: up to 40 %); and where blocks of 16 channels would be
// filled with so much air that this outweighs what they are better at: joining channels without a copy,
// depthwise layers, reorders to row-major.
struct ConvolutionLayouts {
  Layout few_images = Layout::kBlocked16;
  Layout many_images = Layout::kBlocked16;

  Layout for_images(int64_t count) const noexcept { return count < 4 ? few_images : many_images; }
};

ConvolutionLayouts choose_convolution_layouts(const Graph& graph);

}  // namespace bp::cpu
