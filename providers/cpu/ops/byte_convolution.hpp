// What convolutions of bytes through oneDNN have in common: the primitive's view of the shapes, its input and
// its weights.
#pragma once

#include <cstdint>
#include <vector>

#include "onednn_step.hpp"
#include "ops/integer_convolution.hpp"

namespace bp::cpu {

struct ByteConvolution {
  Dims padded;    // spatial dims of the input as the primitive sees it
  Window window;  // what it pads itself
  Dims weights;   // [G,] O, I, spatial
  dnnl::memory::desc src;
};

// `pads_zeros`: the primitive may pad. False where its sums are not exact here, or there are none.
bool byte_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes, bool pads_zeros,
                      ByteConvolution* found);
// False where oneDNN has no fast code.
bool describe_bytes(const ByteConvolution& convolution, const dnnl::memory::desc* bias,
                    const dnnl::memory::desc& dst, const dnnl::primitive_attr& attributes,
                    Primitive* primitive);

// The input as channels-last memory with its padding in it.
Builder::Ref padded_source(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                           const Dims& padded);
// Signed weights as the primitive wants them.
Builder::Ref packed_weights(Builder& b, const ConvolutionInputs& at, const dnnl::memory::desc& plain,
                            const dnnl::memory::desc& wanted);
// What each channel's weights add up to; as memory, or of the weights at hand.
Builder::Ref weight_sums(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes);
std::vector<int32_t> sums_of_channels(const HostTensor& weights, const ConvolutionShapes& shapes);

}  // namespace bp::cpu
