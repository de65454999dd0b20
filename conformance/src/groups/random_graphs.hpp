// Graphs made up from a seed: what operators do to each other inside one partition.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group random_graphs_group();

}  // namespace bp::conformance
