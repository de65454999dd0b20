// The standard's own definition of a composite operator by simpler ones, as a small ONNX model.
#pragma once

#include <string>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// A serialized model whose graph computes what `node` of `graph` computes: its inputs and outputs correspond
// to the node's, in order, omitted ones included; it calls one model-local function, the body. Empty when the
// standard (as the installed libonnx knows it) defines the operator's form by no function. Types must be
// inferred; symbols of dims do not travel.
Result<std::string> function_body_model(const Graph& graph, const Node& node);

}  // namespace bp
