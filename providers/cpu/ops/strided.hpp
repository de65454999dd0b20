// Gives a node's first output as a strided view of its first input, copied; as an alias where the bytes are the
// same.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

// Output 0 has `dims`, its element [i0,i1,..] is input 0's element at offset + i0*strides[0] + i1*strides[1]
// ..; offset and strides in elements of the row-major input. `to` says other dims for the same row-major
// elements.
void strided_output(Builder& b, const Dims& dims, const Dims& strides, int64_t offset);
void strided_output(Builder& b, const Dims& dims, const Dims& strides, int64_t offset, Dims to);

}  // namespace bp::cpu
