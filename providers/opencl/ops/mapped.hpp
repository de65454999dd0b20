// Copies in which every axis has a map: position in the result to position in the source.
#pragma once

#include <optional>

#include "ops/op.hpp"

namespace bp::opencl {

using Maps = std::vector<std::vector<int32_t>>;
inline constexpr int32_t kFilled = -1;  // the filling, which is one element, or zero without one

// States output 0 of the node from input 0.
void add_mapped(Builder& b, const Maps& maps, std::optional<Ref> filling);

}  // namespace bp::opencl
