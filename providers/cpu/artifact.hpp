// Saving and loading programs. What is kept is the packed constants that instances have made so far; code that
// oneDNN generates cannot be kept and is made anew.
#pragma once

#include "support.hpp"

namespace bp::cpu {

extern const bp_artifact_api kArtifactApi;

}  // namespace bp::cpu
