// Results that are drawn at random: judged by what the operator promises, not by numbers that others drew.
#pragma once

#include <span>
#include <string>

#include "graph/graph.hpp"

namespace bp::conformance {

// True for Bernoulli, RandomNormal and their like, and for Dropout.
bool draws_numbers(const Node& node) noexcept;

// The first such node of a graph; kNoId: none.
NodeId find_drawing_node(const Graph& graph);

// How results contradict the definition of `node`; empty: they may be right. Proportions are held to five
// standard deviations: one true result in two million is rejected. `inputs` and `outputs`: of the node, nullptr
// where not known; `expected`: somebody else's draw of one output of the graph, `found` ours.
std::string contradiction(const Node& node, std::span<const TensorPtr> inputs,
                          std::span<const TensorPtr> outputs);
std::string contradiction(const Tensor& expected, const Tensor& found);

}  // namespace bp::conformance
