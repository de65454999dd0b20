// Verdicts on nodes.
#pragma once

#include "support.hpp"

namespace bp::opencl {

extern const bp_capability_api kCapabilityApi;

}  // namespace bp::opencl
