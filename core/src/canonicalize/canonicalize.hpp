// Brings every node to one form of its operator, so that the optimizer and the providers see one form whatever
// opset the model was written in. provider_api/docs/canon/ describes the levels.
#pragma once

#include <cstdint>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

inline constexpr int32_t kCanonicalLevel = 28;
// The first released level. A node that its form can express has that form, so that providers of every level
// see it; others have the oldest newer form that can.
inline constexpr int32_t kFirstLevel = 22;

// Changes no result. Sets since_version of every node whose operator is known. A node of another domain that is
// a standard operator under an older name becomes that; others stay as they are. Bodies too. UNSUPPORTED names
// a node whose old form cannot be expressed in the canonical one. Gradient is written out as standard
// operators. Calling it again changes nothing, unless a Gradient was left because it goes through another one
// (has_gradients is true then).
Status canonicalize(Graph& graph);

// True when some node would get a simpler form if types were known (infer_types before canonicalize): old
// Softmax, whose form depends on the rank, and old Clip and Pad, whose bounds become constants of the input's
// element type, and Gradient.
bool canonicalize_wants_types(const Graph& graph);

// True while a Gradient is left, in a body too: canonicalize once more.
bool has_gradients(const Graph& graph);

}  // namespace bp
