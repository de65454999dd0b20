#include "harness/prepared_graph.hpp"

#include <stdexcept>

#include "canonicalize/canonicalize.hpp"
#include "check/check_graph.hpp"
#include "graph/subgraph.hpp"
#include "groups/group.hpp"
#include "infer/infer.hpp"
#include "load/load_model.hpp"
#include "ops/bodies/bodies.hpp"
#include "ops/onnx_bridge/function_body.hpp"

namespace bp::conformance {
namespace {

void require(const Status& status) {
  if (status.code() == ErrorCode::kUnsupported)
    not_applicable("the core does not take it: " + status.message());
  if (!status.ok()) throw std::runtime_error(status.to_string());
}
template <class T>
T require(Result<T> result) {
  require(result.status());
  return std::move(*result);
}

void bring_to_canon(Graph& graph) {
  do {
    if (canonicalize_wants_types(graph)) require(infer_types(graph));
    require(canonicalize(graph));
  } while (has_gradients(graph));
  require(infer_types(graph));
}

// How many nodes there are, and how many of them are the core's; bodies count.
void count_nodes(const Graph& graph, size_t& all, size_t& core) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    ++all;
    if (node.runs_in_core()) ++core;
    for (const auto& body : node.regions) count_nodes(*body, all, core);
  }
}

void take_dims(Graph& graph, std::span<const TensorPtr> inputs) {
  if (inputs.empty()) return;
  for (ValueId id = 0; id < graph.value_count(); ++id)
    for (Dim& dim : graph.value(id).type.dims)
      if (!dim.known()) dim = Dim{};
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    Dims dims;
    for (const int64_t size : inputs[i]->dims) dims.push_back(Dim::of(size));
    graph.value(graph.inputs()[i]).type = ValueType::tensor(inputs[i]->type, std::move(dims));
  }
}

}  // namespace

PreparedGraph prepare(std::unique_ptr<Graph> graph, std::span<const TensorPtr> inputs) {
  require(check_graph(*graph));
  take_dims(*graph, inputs);
  bring_to_canon(*graph);
  require(check_inferred_types(*graph));
  PreparedGraph prepared{std::move(graph), CoreShare::kNone};
  size_t all = 0, core = 0;
  count_nodes(*prepared.graph, all, core);
  if (core > 0) prepared.core = core == all ? CoreShare::kAll : CoreShare::kSome;
  return prepared;
}

void infer_again(Graph& graph, std::span<const TensorPtr> inputs) {
  for (ValueId id = 0; id < graph.value_count(); ++id)
    if (graph.value(id).producer != kNoId)
      for (Dim& dim : graph.value(id).type.dims) dim = Dim{};
  take_dims(graph, inputs);
  require(infer_types(graph));
}

std::shared_ptr<const Graph> parts_of(const Graph& graph, NodeId id) {
  std::shared_ptr<Graph> own = require(build_body(graph.node(id), graph));
  if (own != nullptr) {
    require(infer_types(*own));
    return own;
  }
  auto bytes = std::make_shared<const std::string>(require(function_body_model(graph, graph.node(id))));
  if (bytes->empty()) return nullptr;
  std::shared_ptr<Graph> body = require(load_model_bytes(std::as_bytes(std::span(*bytes)), {}, bytes)).graph;
  // Some definitions hold for one type or rank only and say so nowhere: then there are none.
  try {
    bring_to_canon(*body);
  } catch (const CaseEnd&) {
    throw;
  } catch (const std::runtime_error&) {
    return nullptr;
  }
  return body;
}

void expand(Graph& graph, NodeId id, const Graph& parts) {
  std::vector<ValueId> inputs = graph.node(id).inputs, outputs = graph.node(id).outputs;
  inputs.resize(parts.inputs().size(), kNoId);
  outputs.resize(parts.outputs().size(), kNoId);
  const std::string prefix = graph.node(id).name + "/";
  graph.remove_node(id);
  splice(graph, parts, inputs, outputs, prefix);
}

}  // namespace bp::conformance
