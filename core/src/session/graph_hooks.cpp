#include "session/graph_hooks.hpp"

#include <string>
#include <utility>

#include "canonicalize/canonicalize.hpp"
#include "infer/infer.hpp"
#include "infer/shape_eval.hpp"
#include "load/load_model.hpp"
#include "ops/bodies/bodies.hpp"
#include "ops/onnx_bridge/function_body.hpp"

namespace bp {

Result<std::vector<TensorPtr>> evaluate_constant_node(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!can_evaluate(node)) return std::vector<TensorPtr>();
  std::vector<ConcreteDims> dims(node.inputs.size());
  std::vector<EvalInput> inputs(node.inputs.size());
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoId) continue;
    const GraphValue& value = graph.value(node.inputs[i]);
    for (const Dim& dim : value.type.dims) dims[i].push_back(dim.size);
    inputs[i].dims = &dims[i];
    if (!reads_only_dims(node)) inputs[i].tensor = value.constant.get();
  }
  auto tensors = evaluate(node, inputs);
  // Other element types and sizes are data, and left to the folder.
  if (tensors.status().code() == ErrorCode::kUnsupported) return std::vector<TensorPtr>();
  return tensors;
}

Result<std::shared_ptr<const Graph>> function_body(const Graph& graph, NodeId id) {
  BP_ASSIGN_OR_RETURN(std::shared_ptr<Graph> own, build_body(graph.node(id), graph));
  if (own != nullptr) {
    const Status status = infer_types(*own);
    if (!status.ok()) return status.at("function body of " + graph.node(id).label());
    return std::shared_ptr<const Graph>(own);
  }
  BP_ASSIGN_OR_RETURN(std::string bytes, function_body_model(graph, graph.node(id)));
  if (bytes.empty()) return std::shared_ptr<const Graph>();
  const std::string place = "function body of " + graph.node(id).label();
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  auto loaded = load_model_bytes(std::as_bytes(std::span(*owner)), {}, owner);
  if (!loaded.ok()) return loaded.status().at(place);
  const std::shared_ptr<Graph> body = std::move(loaded->graph);
  if (canonicalize_wants_types(*body)) {
    if (const Status status = infer_types(*body); !status.ok()) return status.at(place);
  }
  if (const Status status = canonicalize(*body); !status.ok()) return status.at(place);
  if (const Status status = infer_types(*body); !status.ok()) return status.at(place);
  return std::shared_ptr<const Graph>(body);
}

}  // namespace bp
