// Saved programs: the same results in a fresh process, damage found, fingerprints, options.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group artifact_group();

}  // namespace bp::conformance
