// Kernels that only move elements: copies between strided views. Transpose, Slice, Concat, Expand, Tile and the
// like are this with other numbers.
#pragma once

#include "launch.hpp"

namespace bp::opencl {

// An axis of a copy; strides in elements, 0: the same element again, negative: backwards.
struct Stride {
  int64_t size = 1;
  int64_t from = 0;
  int64_t to = 0;
};

// Copies element (c0, c1, ...) of the axes from src[from + sum c * axis.from] to dst[to + sum c * axis.to].
// At least one element.
Launch strided_kernel(Ref src, Ref dst, Type type, std::vector<Stride> axes, int64_t from = 0, int64_t to = 0);
Launch copy_kernel(Ref src, Ref dst, int64_t count, Type type);

// Strides of a row-major tensor, in elements.
Dims row_major(const Dims& dims);

}  // namespace bp::opencl
