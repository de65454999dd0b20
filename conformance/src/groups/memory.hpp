// Memory: what the kinds promise, copies, imports; and what runs may touch.
#pragma once

#include "groups/contract.hpp"

namespace bp::conformance {

Group memory_group();

// The parts of the group: buffers and copies; runs; failing allocations.
std::vector<ContractCase> buffer_cases();
std::vector<ContractCase> touch_cases();
std::vector<ContractCase> allocation_cases();

}  // namespace bp::conformance
