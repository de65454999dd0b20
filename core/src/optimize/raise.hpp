// What the raising passes share. A raised composite keeps the nodes that it replaced (Node::replaced),
// so that lowering can put them back for a device that does not know the composite.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "optimize/pass.hpp"
#include "optimize/pattern.hpp"

namespace bp::optimize_passes {

// Puts `composite` in the place of the matched nodes; those that others read too stay as well. Its inputs must
// be set; name, outputs, origin and replaced are filled in here.
void raise(Graph& graph, const Match& match, Node composite, PassContext& context);

// The axes of a reduction that keeps its dims, counted from the front and sorted; empty when it does not
// keep them or its axes are not fixed.
std::vector<int64_t> kept_axes(const Graph& graph, const Node& reduction, size_t rank);

Result<size_t> raise_layer_norm(Graph& graph, PassContext& context);
Result<size_t> raise_gelu(Graph& graph, PassContext& context);
Result<size_t> raise_hard_swish(Graph& graph, PassContext& context);
Result<size_t> raise_softmax(Graph& graph, PassContext& context);
Result<size_t> raise_attention(Graph& graph, PassContext& context);
Result<size_t> raise_quantized(Graph& graph, PassContext& context);

}  // namespace bp::optimize_passes
