// Fills in the type of every value: element types, ranks and dims, symbolic where a size is not known before
// the run. Works on the whole graph with its bodies, through ops/onnx_bridge node by node, and follows integer
// tensors on shape paths (Shape, Gather, Concat, Reshape, ...) as symbolic values.
#pragma once

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// Expects a checked, canonical graph. What is inferred stands above what the file declares: a declared type
// refines what is unknown, and one that contradicts is an error (INVALID_MODEL) with the node's label. May be
// called again after the graph was changed.
Status infer_types(Graph& graph);

}  // namespace bp
