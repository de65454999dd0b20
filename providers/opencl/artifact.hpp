// Saving and loading programs. What is kept is the binaries of the kernels that instances have used so far.
#pragma once

#include "support.hpp"

namespace bp::opencl {

extern const bp_artifact_api kArtifactApi;

}  // namespace bp::opencl
