// A QuantizeLinear behind operators that only move elements goes in front of them, where it meets what made the
// numbers: bytes move at a quarter of the cost. In front of it a DequantizeLinear by the same numbers cancels.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/quantization.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

// Every element of output 0 is an element of input 0.
bool moves_elements(const Node& node) {
  constexpr std::string_view kMoves[] = {"Reshape",   "Flatten",      "Squeeze",     "Unsqueeze",
                                         "Transpose", "Slice",        "Gather",      "Expand",
                                         "Tile",      "DepthToSpace", "SpaceToDepth"};
  if (!node.domain.empty() || node.outputs.size() != 1) return false;
  if (node.op_type == "Resize") {
    return node.string_or("mode", "nearest") == "nearest" &&
           node.string_or("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize";
  }
  return std::find(std::begin(kMoves), std::end(kMoves), node.op_type) != std::end(kMoves);
}

// Operators that have a quantized form (raise_quantized).
bool computes(const Node& node) {
  constexpr std::string_view kComputes[] = {"Conv",    "MatMul",      "Gemm",   "Add",
                                            "Mul",     "AveragePool", "Concat", "GlobalAveragePool",
                                            "MaxPool", "ReduceMean"};
  return node.domain.empty() &&
         std::find(std::begin(kComputes), std::end(kComputes), node.op_type) != std::end(kComputes);
}

bool is_dequantized(const Graph& graph, ValueId value) {
  const Node* producer = producer_of(graph, value);
  return producer != nullptr && is_op(*producer, "DequantizeLinear");
}

// Whether lifting to `value` pays: it comes from integers, or will.
bool comes_from_integers(const Graph& graph, ValueId value, const Quantization& wanted) {
  const GraphValue& top = graph.value(value);
  if (const auto before = top.producer == kNoId ? std::nullopt : quantization_of(graph, top.producer)) {
    return is_dequantized(graph, value) && same_quantization(graph, *before, wanted);
  }
  const Node* producer = producer_of(graph, value);
  if (producer != nullptr && (is_op(*producer, "Relu") || is_op(*producer, "Clip"))) {
    producer = producer_of(graph, producer->inputs[0]);
  }
  return producer != nullptr && computes(*producer) && is_dequantized(graph, input_at(*producer, 0));
}

// The movers between the quantizer and what it quantizes, the last first.
std::vector<NodeId> movers_before(const Graph& graph, ValueId value) {
  std::vector<NodeId> movers;
  while (has_single_use(graph, value)) {
    const NodeId producer = graph.value(value).producer;
    if (producer == kNoId || !moves_elements(graph.node(producer))) break;
    movers.push_back(producer);
    value = graph.node(producer).inputs[0];
  }
  return movers;
}

bool lift(Graph& graph, NodeId id, PassContext& context) {
  const auto wanted = quantization_of(graph, id);
  if (!wanted || !is_op(graph.node(id), "QuantizeLinear")) return false;
  std::vector<NodeId> movers = movers_before(graph, graph.node(id).inputs[0]);
  // As far up as it pays.
  while (!movers.empty()) {
    const ValueId top = graph.node(movers.back()).inputs[0];
    const bool alone = has_single_use(graph, top) || is_dequantized(graph, top);
    if (alone && comes_from_integers(graph, top, *wanted)) break;
    movers.pop_back();
  }
  if (movers.empty()) return false;
  const ValueId top = graph.node(movers.back()).inputs[0];
  const ValueId result = wanted->integers;
  context.changed(graph.node(id).name);
  ValueType type = graph.value(top).type;
  type.element = wanted->type;
  const ValueId lifted = graph.add_value(graph.unused_value_name(graph.value(result).name), std::move(type));
  graph.set_node_input(id, 0, top);
  graph.set_node_output(id, 0, lifted);
  graph.set_node_input(movers.back(), 0, lifted);
  for (const NodeId mover : movers) graph.value(graph.node(mover).outputs[0]).type.element = wanted->type;
  graph.set_node_output(movers.front(), 0, result);
  return true;
}

// QuantizeLinear(DequantizeLinear(x)) by the same numbers is x.
bool cancel(Graph& graph, NodeId id, PassContext& context) {
  if (!is_op(graph.node(id), "QuantizeLinear")) return false;
  const auto after = quantization_of(graph, id);
  if (!after || !is_dequantized(graph, graph.node(id).inputs[0])) return false;
  const auto before = quantization_of(graph, graph.value(graph.node(id).inputs[0]).producer);
  if (!before || !same_quantization(graph, *before, *after)) return false;
  const std::string name = graph.node(id).name;
  if (!bypass(graph, id, before->integers)) return false;
  context.changed(name);
  return true;
}

}  // namespace

Result<size_t> lift_quantize(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"QuantizeLinear"})) return size_t{0};
  size_t changes = 0;
  for (const NodeId id : graph.topological_order()) {
    if (graph.node(id).alive && lift(graph, id, context)) ++changes;
  }
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).alive && cancel(graph, id, context)) ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
