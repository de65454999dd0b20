// What TestGraph::run() shares between inputs and outputs.
#pragma once

#include <cstddef>

namespace bp::cpu::test {

// How many outputs took the memory of an input in the last run of a TestGraph.
size_t outputs_over_inputs();

}  // namespace bp::cpu::test
