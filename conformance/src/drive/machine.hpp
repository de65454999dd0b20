// Facts about this program, machine and moment, for the report.
#pragma once

#include <string>

#include "report/report.hpp"

namespace bp::conformance {

// Version, tolerances, start (now), system, CPU, cores. What is not known stays empty.
RunFacts machine_facts();

// A digest of the names and contents of all files below a folder, whatever the order in which the system lists
// them. Throws std::runtime_error with the path.
std::string folder_digest(const std::string& folder);

}  // namespace bp::conformance
