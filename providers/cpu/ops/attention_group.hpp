// Attention that stands in the graph as products and a Softmax and that shows only with concrete dims: softmax(
// scale * Q K^T + mask) V as one step. What shows before is raised by the host.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

// Starts at the Transpose of K. False, and nothing is done, where no such group follows whose other inputs are
// there.
bool build_attention_group(Builder& b);

}  // namespace bp::cpu
