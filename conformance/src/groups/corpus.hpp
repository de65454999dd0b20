// Cases that lie in folders: the official corpora of any ONNX version, a vendor's own, replay bundles.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group corpus_group();

}  // namespace bp::conformance
