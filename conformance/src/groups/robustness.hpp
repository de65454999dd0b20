// Bad arguments get errors, never crashes.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group robustness_group();

}  // namespace bp::conformance
