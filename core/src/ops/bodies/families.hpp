// Bodies that are in files of their own. Inside ops only.
#pragma once

#include "ops/bodies/body_builder.hpp"

namespace bp::bodies {

// quantized.cpp
bool quantize_linear(BodyBuilder& b);
bool dequantize_linear(BodyBuilder& b);
bool qlinear_matmul(BodyBuilder& b);
bool qlinear_conv(BodyBuilder& b);

// einsum.cpp, fourier.cpp
bool einsum(BodyBuilder& b);
bool stft(BodyBuilder& b);

// rearranging.cpp
bool cast_like(BodyBuilder& b);
bool dropout(BodyBuilder& b);
bool depth_to_space(BodyBuilder& b);
bool space_to_depth(BodyBuilder& b);
bool trilu(BodyBuilder& b);
bool one_hot(BodyBuilder& b);
bool instance_normalization(BodyBuilder& b);

}  // namespace bp::bodies
