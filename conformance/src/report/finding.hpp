// Something wrong in a report file.
#pragma once

#include <string>
#include <vector>

namespace bp::conformance {

struct Finding {
  std::string place;  // "cases[17] 'ops.Add.float32'", "totals.planned"; empty: the whole file
  std::string text;   // what was expected and what was found
};
using Findings = std::vector<Finding>;

}  // namespace bp::conformance
