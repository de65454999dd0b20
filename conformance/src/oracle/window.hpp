// Windows that slide over the spatial axes of [N, C, ...]: kernel, strides, dilations and padding of a node.
#pragma once

#include <vector>

#include "oracle/oracle.hpp"

namespace bp::conformance {

struct Window {
  std::vector<int64_t> kernel, strides, dilations, before, after;
  bool ceil = false;

  // `kernel`: its dims; `sizes`: the spatial dims of the input.
  static Window of(const OracleCall& call, std::vector<int64_t> kernel, const ConcreteDims& sizes);
  // Spatial dims of the output.
  ConcreteDims outputs(const ConcreteDims& sizes) const;
  // The place in the input of a kernel element at an output; false when it lies in the padding.
  bool place(const std::vector<int64_t>& output, const std::vector<int64_t>& element, const ConcreteDims& sizes,
             std::vector<int64_t>& input) const;
};

// Spatial part of dims [N, C, ...].
ConcreteDims spatial(const ConcreteDims& dims);

}  // namespace bp::conformance
