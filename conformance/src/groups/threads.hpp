// Many callers at once: of the provider, of one instance; teams and determinism.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group threads_group();

}  // namespace bp::conformance
