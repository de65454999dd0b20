// Follows small integer tensors through the graph as far as their elements are known: as numbers, as symbols (a
// dim of an input), or not at all. Sizes of [N,S,384] come out of Shape, Gather, Concat, Reshape chains this
// way.
#pragma once

#include <optional>

#include "ops/inference/inference_call.hpp"

namespace bp {

// What is known of a value's elements. `elements` only for integer tensors of rank 0 or 1.
struct KnownValue {
  TensorPtr tensor;
  std::optional<ShapeElements> elements;

  explicit operator bool() const noexcept { return tensor != nullptr || elements.has_value(); }
};

// More elements are not followed.
inline constexpr size_t kMaxShapeElements = 256;

// The elements of the node's first output, or nothing. `type`: the inferred type of that output.
std::optional<ShapeElements> propagate_elements(const InferenceCall& call);

}  // namespace bp
