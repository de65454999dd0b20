// Whole models through the core's public API: a program of its own that links only the core library runs them.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group models_group();

}  // namespace bp::conformance
