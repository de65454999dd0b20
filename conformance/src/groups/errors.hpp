// Errors: their codes, their owner, and what a failed call leaves behind.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group errors_group();

}  // namespace bp::conformance
