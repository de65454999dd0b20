// The table of operators as markdown.
#pragma once

#include <string>
#include <vector>

#include "coverage.hpp"

namespace bp {

// Title and explanation.
std::string coverage_head();
// One device: counts, then a row for each form of each operator.
std::string coverage_section(const std::string& device, const std::vector<CoverageEntry>& entries);

}  // namespace bp
