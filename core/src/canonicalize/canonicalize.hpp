// Brings every node to one form of its operator, the newest up to the canonical level, so that the optimizer
// and the providers see one form whatever opset the model was written in. provider_api/docs/canon/22.md
// describes the level.
#pragma once

#include <cstdint>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

inline constexpr int32_t kCanonicalLevel = 22;

// Changes no result. Sets since_version of every node of a standard domain. Nodes of newer opsets get the
// level's form where it can express them, else they keep their own (a provider refuses them by NEWER_FORM);
// nodes of other domains stay as they are. Bodies too. UNSUPPORTED names a node whose old form cannot be
// expressed in the canonical one. Calling it again changes nothing.
Status canonicalize(Graph& graph);

// True when some node would get a simpler form if types were known (infer_types before canonicalize): old
// Softmax, whose form depends on the rank, and old Clip and Pad, whose bounds become constants of the input's
// element type.
bool canonicalize_wants_types(const Graph& graph);

}  // namespace bp
