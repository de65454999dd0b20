// How long the sums are of which an operator's results consist: errors grow with them.
#pragma once

#include <span>

#include "compare/compare_tensors.hpp"
#include "graph/graph.hpp"

namespace bp::conformance {

// `inputs`: the node's, nullptr where left out; `outputs`: the expected ones.
ErrorFacts error_facts(const Node& node, std::span<const TensorPtr> inputs, std::span<const TensorPtr> outputs);

}  // namespace bp::conformance
