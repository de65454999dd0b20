// What a pass is, and the list of all of them. A pass sees one graph; the pipeline brings it to
// every body. It returns how many changes it made, 0 meaning that the graph is untouched.
// A pass takes time linear in the graph and gives the values that it makes their types.
#pragma once

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "optimize/optimize.hpp"

namespace bp::optimize_passes {

struct PassContext {
  const OptimizeOptions& options;
  PassReport& report;

  void changed(std::string node_name) { report.nodes.push_back(std::move(node_name)); }
  void note(std::string text);  // kept once
};

Result<size_t> remove_noops(Graph& graph, PassContext& context);
Result<size_t> remove_dead(Graph& graph, PassContext& context);
Result<size_t> settle_captures(Graph& graph, PassContext& context);
Result<size_t> inline_branches(Graph& graph, PassContext& context);
Result<size_t> fold_shapes(Graph& graph, PassContext& context);
Result<size_t> fold_constants(Graph& graph, PassContext& context);
Result<size_t> share_common(Graph& graph, PassContext& context);
Result<size_t> clean_reshapes(Graph& graph, PassContext& context);
Result<size_t> clean_transposes(Graph& graph, PassContext& context);
Result<size_t> fold_pads(Graph& graph, PassContext& context);
Result<size_t> fold_batch_norm(Graph& graph, PassContext& context);
Result<size_t> fold_affine(Graph& graph, PassContext& context);
Result<size_t> drop_outputs(Graph& graph, PassContext& context);
Result<size_t> lift_quantize(Graph& graph, PassContext& context);
Result<size_t> quantize_biases(Graph& graph, PassContext& context);
Result<size_t> flatten_transposes(Graph& graph, PassContext& context);

}  // namespace bp::optimize_passes
