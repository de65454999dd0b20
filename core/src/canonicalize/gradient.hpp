// ai.onnx.preview.training's Gradient, written out as standard operators by reverse-mode differentiation.
#pragma once

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

bool is_gradient(const Node& node) noexcept;

// Replaces every Gradient node of the graph whose expression holds no other Gradient (those are for the next
// call, once types are known). Types must have been inferred. UNSUPPORTED names an operator without a rule.
Status expand_gradients(Graph& graph);

}  // namespace bp
