// The ABI's letter: symbols, versions, sizes of structs, what is NULL.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group abi_group();

}  // namespace bp::conformance
