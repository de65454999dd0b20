// Weights of bytes as oneDNN multiplies them without loss.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

// Whether oneDNN's sums of products of bytes are exact here: without the instructions for them it adds pairs in
// 16 bits, which saturate.
bool has_exact_byte_products();

// Whether sums of so many products with a bias among these might leave 32 bits. The standard's sums wrap there;
// oneDNN, which adds the bias in float32, would not.
bool adds_beyond_32_bits(const std::vector<int64_t>& bias, int64_t depth);

// Input `w` as signed bytes whose zero point is 0: constant and signed with zero points 0, or unsigned with
// zero points 128. False where it is neither.
bool is_symmetric(const Builder& b, size_t w, size_t w_zero);
// Those bytes of a constant.
std::vector<int8_t> symmetric_bytes(const HostTensor& weights);

}  // namespace bp::cpu
