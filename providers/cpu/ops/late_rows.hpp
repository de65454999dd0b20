// The families of operators that came with opset 20 and later, as table.hpp lists the others.
#pragma once

#include <span>

#include "ops/op.hpp"

namespace bp::cpu {

std::span<const Row> attention_rows();
std::span<const Row> causal_convolution_rows();
std::span<const Row> image_decoder_rows();
std::span<const Row> linear_attention_rows();
std::span<const Row> rms_normalization_rows();
std::span<const Row> rotary_embedding_rows();

}  // namespace bp::cpu
