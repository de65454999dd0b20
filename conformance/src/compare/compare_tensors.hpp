// Judges a tensor against its reference.
#pragma once

#include <string>

#include "case/case_result.hpp"
#include "compare/tolerances.hpp"
#include "graph/tensor.hpp"

namespace bp::conformance {

// What the scale of a row refers to, of the node or graph that made the output.
struct ErrorFacts {
  double terms = 1;          // of the longest sum
  double largest_input = 0;  // of the first input, finite elements only
  double largest_other = 1;  // of the second, 1 where there is none
};

// The largest finite magnitude; 0 for strings.
double largest_magnitude(const Tensor& tensor);

// Empty when every element is allowed; else how many are not, and the worst with its place. NaN equals NaN, an
// infinity only itself. `worst` is kept over all outputs of a case.
std::string judge(const std::string& output, const Tensor& expected, const Tensor& actual,
                  const ToleranceRow& row, const ErrorFacts& facts, WorstError& worst);

}  // namespace bp::conformance
