// Cases of the abi group about sizes of structs and strides of arrays.
#pragma once

#include "groups/contract.hpp"

namespace bp::conformance {

std::vector<ContractCase> abi_struct_cases();

}  // namespace bp::conformance
