// Two results of the same provider for the same inputs: are they the same? What is right is the operators'
// cases' to say.
#pragma once

#include <string>
#include <vector>

#include "harness/raw_graph.hpp"

namespace bp::conformance {

enum class Match : uint8_t {
  kBits,    // of devices that promise determinism
  kNearly,  // floats may differ by rounding: by 1e-3 of the largest element
};

// Empty, or where they differ: "element 5 is 1.5 and 1.25".
std::string difference_of(const RawTensor& a, const RawTensor& b, Match match);
std::string difference_of(const std::vector<RawTensor>& a, const std::vector<RawTensor>& b, Match match);

}  // namespace bp::conformance
