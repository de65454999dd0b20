// A Pad with zeros around the spatial dims becomes the padding of the convolution or average pooling behind
// it. Pooling must count the padding, since the Pad's zeros counted; a maximum must not see zeros, so only a
// Pad with minus infinity joins a MaxPool, or one with zeros around what is never negative.
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

bool is_minus_infinity(const Graph& graph, ValueId value) {
  const auto number = fixed_scalar(graph, value);
  return number && std::isinf(*number) && *number < 0;
}

bool is_zero(const Graph& graph, ValueId value) {
  if (value == kNoId) return true;
  const auto number = fixed_scalar(graph, value);
  return number && *number == 0.0;
}

bool has_all_pads_in_attribute(const Node& node) {
  return node.string_or("auto_pad", "NOTSET") == "NOTSET" && node.int_or("ceil_mode", 0) == 0;
}

bool has_no_pads(const Node& node) {
  const std::vector<int64_t>* pads = node.ints("pads");
  return pads == nullptr || std::all_of(pads->begin(), pads->end(), [](int64_t p) { return p == 0; });
}

bool is_never_negative(const Graph& graph, ValueId value) {
  const Node* node = producer_of(graph, value);
  if (node == nullptr) return false;
  if (is_op(*node, "Clip")) {
    const auto least = fixed_scalar(graph, input_at(*node, 1));
    return least && *least >= 0.0;
  }
  return is_op(*node, "Relu") || is_op(*node, "Sigmoid") || is_op(*node, "HardSigmoid") || is_op(*node, "Abs");
}

// Every window holds an element when pads are smaller than the kernel and nothing lies between its positions.
bool is_dense(const Node& window) {
  const std::vector<int64_t>* dilations = window.ints("dilations");
  return dilations == nullptr ||
         std::all_of(dilations->begin(), dilations->end(), [](int64_t dilation) { return dilation == 1; });
}

bool takes(const Graph& graph, const Node& window, const Node& pad) {
  const ValueId pad_value = input_at(pad, 2);
  if (!has_all_pads_in_attribute(window)) return false;
  if (is_op(window, "Conv")) return is_zero(graph, pad_value);
  if (is_op(window, "AveragePool")) {
    return is_zero(graph, pad_value) && (window.int_or("count_include_pad", 0) != 0 || has_no_pads(window));
  }
  if (!is_op(window, "MaxPool") || !is_unused(graph, output_at(window, 1))) return false;
  if (is_minus_infinity(graph, pad_value)) return true;
  return is_zero(graph, pad_value) && is_dense(window) && is_never_negative(graph, input_at(pad, 0));
}

// The Pad's spatial pads: begins, then ends; nothing when it pads other dims or crops.
std::optional<std::vector<int64_t>> spatial_pads(const Graph& graph, const Node& pad) {
  const auto pads = fixed_ints(graph, input_at(pad, 1));
  if (!pads || pads->size() < 6 || pads->size() % 2 != 0 || input_at(pad, 3) != kNoId ||
      pad.string_or("mode", "constant") != "constant") {
    return std::nullopt;
  }
  const size_t rank = pads->size() / 2;
  std::vector<int64_t> spatial;
  for (size_t i = 0; i < pads->size(); ++i) {
    if ((*pads)[i] < 0 || (i % rank < 2 && (*pads)[i] != 0)) return std::nullopt;
    if (i % rank >= 2) spatial.push_back((*pads)[i]);
  }
  return spatial;
}

bool join(Graph& graph, NodeId id, PassContext& context) {
  const ValueId padded = input_at(graph.node(id), 0);
  const Node* pad = producer_of(graph, padded);
  if (pad == nullptr || !is_op(*pad, "Pad") || !has_single_use(graph, padded)) return false;
  if (!takes(graph, graph.node(id), *pad)) return false;
  auto pads = spatial_pads(graph, *pad);
  if (!pads) return false;
  if (const std::vector<int64_t>* own = graph.node(id).ints("pads")) {
    if (own->size() != pads->size()) return false;
    for (size_t i = 0; i < pads->size(); ++i) (*pads)[i] += (*own)[i];
  }
  if (is_op(graph.node(id), "AveragePool") || is_op(graph.node(id), "MaxPool")) {
    // A window that lies in the padding alone is not allowed by every implementation.
    const std::vector<int64_t>* kernel = graph.node(id).ints("kernel_shape");
    if (kernel == nullptr || kernel->size() * 2 != pads->size()) return false;
    for (size_t i = 0; i < pads->size(); ++i) {
      if ((*pads)[i] >= (*kernel)[i % kernel->size()]) return false;
    }
  }
  const NodeId pad_id = graph.value(padded).producer;
  context.changed(pad->name);
  graph.set_node_input(id, 0, pad->inputs[0]);
  graph.remove_node(pad_id);
  Node& node = graph.node(id);
  node.set_attribute("pads", *pads);
  if (is_op(node, "AveragePool")) node.set_attribute("count_include_pad", int64_t{1});
  return true;
}

}  // namespace

Result<size_t> fold_pads(Graph& graph, PassContext& context) {
  size_t changes = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    if (!is_op(node, "Conv") && !is_op(node, "AveragePool") && !is_op(node, "MaxPool")) continue;
    if (join(graph, id, context)) ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
