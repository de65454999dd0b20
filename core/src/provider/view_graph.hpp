// A view as a graph of its own, for vendors whose compilers eat ONNX: the host writes it with ops/onnx_bridge.
#pragma once

#include <memory>

#include "graph/graph.hpp"
#include "provider/graph_view.hpp"

namespace bp {

// Exactly what the view shows: its nodes, its inputs and outputs in binding order, names kept. Constants stay
// constants with `embed_constants`; else they are inputs behind the view's own, in the view's order of values.
std::unique_ptr<Graph> graph_of_view(const GraphView& view, bool embed_constants);

}  // namespace bp
