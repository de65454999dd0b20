// Plain nodes: gather what is known of the inputs, ask the bridge, merge with what is declared, follow shape
// values.
#include "infer/graph_inference.hpp"

#include <algorithm>

#include "infer/merge_types.hpp"
#include "ops/container_kind.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "ops/onnx_bridge/node_inference.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

// A tensor of fully known elements, so that libonnx's functions and constant operands read it like any
// constant.
TensorPtr tensor_of(const ShapeElements& elements, const ValueType& type) {
  std::vector<int64_t> values;
  for (const ShapeElement& element : elements) {
    if (!element.known()) return nullptr;
    values.push_back(element.value);
  }
  ConcreteDims dims;
  if (!type.dims.empty()) dims.push_back(static_cast<int64_t>(values.size()));
  if (type.element == ElementType::kInt64) return Tensor::of_int64(std::move(dims), values);
  std::vector<int32_t> narrow(values.begin(), values.end());
  return Tensor::copy_of(type.element, std::move(dims), std::as_bytes(std::span(narrow)));
}

// A symbol in the type of a sequence's elements is a size in each of them by itself: two elements that are
// taken out need not have it in common.
void forget_symbols(ValueType& type) {
  if (!type.is_tensor()) return;
  for (Dim& dim : type.dims) {
    if (!dim.known()) dim = Dim{};
  }
}

}  // namespace

Status GraphInference::run(Graph& graph, std::span<const KnownValue> known_inputs) {
  Known known(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    // A default that the caller may override says nothing about the run.
    if (value.constant && !value.is_input) known[id].tensor = value.constant;
  }
  for (size_t i = 0; i < std::min(known_inputs.size(), graph.inputs().size()); ++i) {
    known[graph.inputs()[i]] = known_inputs[i];
  }
  for (const ValueId id : graph.inputs()) name_dims(graph, id, graph.value(id).type);
  for (const NodeId id : graph.topological_order()) BP_RETURN_IF_ERROR(infer_node(graph, id, known));
  return {};
}

Status GraphInference::infer_node(Graph& graph, NodeId id, Known& known) {
  Node& node = graph.node(id);
  const bool has_first = !node.inputs.empty() && node.inputs[0] != kNoId;
  node.container = container_kind(node, has_first ? graph.value(node.inputs[0]).type : ValueType{});
  switch (node.region) {
    case RegionKind::kBranch:
      return infer_branch(graph, node, known).at(node.label());
    case RegionKind::kLoop:
      return infer_loop(graph, node, known).at(node.label());
    case RegionKind::kScan:
      return is_batched_scan(node) ? Status() : infer_scan(graph, node, known).at(node.label());
    case RegionKind::kNone:
      return infer_plain(graph, node, known);
  }
  return {};
}

Status GraphInference::infer_plain(Graph& graph, const Node& node, Known& known) {
  std::vector<KnownInput> inputs(node.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoId) continue;
    inputs[i] = {&graph.value(id).type, known[id].tensor.get(),
                 known[id].elements ? &*known[id].elements : nullptr};
  }
  const int64_t opset = node.since_version > 0 ? node.since_version : imported_version(opsets_, node.domain);
  const NodeInference inference = NodeInference::create(node, opset);
  auto types = inference.infer(node, inputs, math_);
  if (!types.ok()) return types.status().at(node.label());
  if (node.container != ContainerKind::kNone)
    for (ValueType& type : *types) forget_symbols(type);
  for (size_t i = 0; i < node.outputs.size(); ++i) BP_RETURN_IF_ERROR(set_type(graph, node, i, (*types)[i]));
  propagate_values(graph, node, inputs, known);
  return {};
}

void GraphInference::propagate_values(Graph& graph, const Node& node, std::span<const KnownInput> inputs,
                                      Known& known) {
  if (node.outputs.size() != 1 || node.outputs[0] == kNoId) return;
  std::vector<ValueType> outputs{graph.value(node.outputs[0]).type};
  const InferenceCall call{node, inputs, outputs, math_};
  std::optional<ShapeElements> elements = propagate_elements(call);
  if (!elements) return;
  KnownValue& value = known[node.outputs[0]];
  value.tensor = tensor_of(*elements, outputs[0]);
  value.elements = std::move(elements);
}

Status GraphInference::set_type(Graph& graph, const Node& node, size_t output, const ValueType& inferred) {
  const ValueId id = node.outputs[output];
  if (id == kNoId) return {};
  GraphValue& value = graph.value(id);
  auto merged = merge_types(inferred, value.type, {math_, value.is_output}, symbols_);
  if (!merged.ok()) {
    return merged.status().at(node.label() + ": output " + std::to_string(output) + " ('" + value.name + "')");
  }
  value.type = std::move(*merged);
  name_dims(graph, id, value.type);
  return {};
}

// Every dim of a tensor gets a size or a symbol, so that equal sizes can be told further down.
void GraphInference::name_dims(const Graph& graph, ValueId id, ValueType& type) {
  if (!type.is_tensor() || !type.has_rank) return;
  for (size_t i = 0; i < type.dims.size(); ++i) {
    Dim& dim = type.dims[i];
    if (!dim.known() && dim.symbol == 0) dim = math_.fresh(graph.value(id).name + "_dim" + std::to_string(i));
  }
}

}  // namespace bp
