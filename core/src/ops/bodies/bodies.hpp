// Bodies of composite operators that we write ourselves: those newer than the installed libonnx, and those that
// are shorter than the standard's (LayerNormalization has 28 nodes there). Ask here first, then
// function_body_model.
#pragma once

#include <memory>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// A graph of canonical nodes whose inputs and outputs are those of `node` (a node of `outer`), in order. Inputs
// have the node's types, an omitted one is read by nobody; types inside are not inferred. nullptr: no body of
// ours for the operator in this form and with these types.
Result<std::unique_ptr<Graph>> build_body(const Node& node, const Graph& outer);

}  // namespace bp
