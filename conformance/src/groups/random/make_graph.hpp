// A random graph of well-conditioned float32 operators with inputs and the oracle's results.
#pragma once

#include <cstdint>

#include "harness/test_graph.hpp"

namespace bp::conformance {

// The same seed gives the same graph and data everywhere. Values stay small, so that errors do not grow without
// bound.
TestGraph make_random_graph(uint64_t seed);

}  // namespace bp::conformance
