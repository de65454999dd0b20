// What a provider promises about nodes and partitions.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group partition_group();

}  // namespace bp::conformance
