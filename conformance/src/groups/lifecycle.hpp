// Opening, closing, and the objects between them.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group lifecycle_group();

}  // namespace bp::conformance
