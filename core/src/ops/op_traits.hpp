// What an operator means to the core, beyond its signature: which operands decide the output's dims by their
// contents, whether the dims depend on data, whether results are random, whether operands may be swapped.
#pragma once

#include <cstdint>

#include "graph/graph.hpp"

namespace bp {

struct OpTraits {
  uint32_t shape_operands = 0;  // bit i: the contents of input i decide dims of an output
  bool data_dependent = false;  // the dims of an output depend on the contents of data inputs
  bool random = false;          // two runs may differ
  bool commutative = false;     // the first two operands may be swapped
};

// For the canonical form. Operators of other domains than ai.onnx have no known traits.
OpTraits traits_of(const Node& node) noexcept;

}  // namespace bp
