// Every operator of the standard that the oracle knows, type by type, with its corners.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group operators_group();

}  // namespace bp::conformance
