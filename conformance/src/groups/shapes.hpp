// Dynamic shapes: many sizes through one compiled program, ranges that an instance claims, outputs whose size
// depends on data.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group shapes_group();

}  // namespace bp::conformance
