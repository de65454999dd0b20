// From a case's line to a graph of one node with data.
#pragma once

#include "groups/operators/case_list.hpp"
#include "harness/test_graph.hpp"

namespace bp::conformance {

// Without expected values; the same seed gives the same data everywhere.
TestGraph build_case(const OperatorCase& one, uint64_t seed);

// The elements of an operand.
TensorPtr make_tensor(const Operand& operand, ElementType type, uint64_t seed);

// What the oracle gives for every output of a graph, whose nodes' operators it must know. `types`: of all
// values by id, from inference. Throws std::runtime_error.
std::vector<TensorPtr> expected_outputs(const Graph& graph, const std::vector<TensorPtr>& inputs);

}  // namespace bp::conformance
