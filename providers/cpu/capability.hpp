// Verdicts on nodes.
#pragma once

#include "support.hpp"

namespace bp::cpu {

extern const bp_capability_api kCapabilityApi;

}  // namespace bp::cpu
