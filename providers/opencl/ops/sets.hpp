// Elements that are reduced or normalized together: a tensor as kept axes and gone axes, neighbours joined.
#pragma once

#include "ops/op.hpp"

namespace bp::opencl {

struct Sets {
  struct Axis {
    int64_t size = 1;
    int64_t stride = 1;  // elements
  };
  std::vector<Axis> kept;  // outermost first
  std::vector<Axis> gone;  // at least one; the last one is walked in the inner loop
  int64_t count = 1;       // of sets
  int64_t size = 1;        // elements of a set
};

// `axes` are in range; none: all are gone.
Sets make_sets(const Dims& dims, const Dims& axes);

// Macros and numbers of a kernel that walks sets, as kernels/sets.cl wants them. Work-items: one per set.
void walk_sets(Launch& launch, const Sets& sets);

}  // namespace bp::opencl
