// Removes nodes whose output equals an input: Identity, Dropout at inference, casts to the same
// type, reshapes to the same shape, transposes that move nothing, and their like. Shapes are those
// that infer found; symbolic dims count as equal only under the same symbol.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

const ValueType& input_type(const Graph& graph, const Node& node, size_t index) {
  return graph.value(node.inputs[index]).type;
}

bool keeps_shape(const Graph& graph, const Node& node) {
  return same_tensor_type(input_type(graph, node, 0), graph.value(node.outputs[0]).type);
}

bool is_always(const Graph&, const Node&) { return true; }

bool is_single_input(const Graph&, const Node& node) { return node.inputs.size() == 1; }

bool is_inference_dropout(const Graph& graph, const Node& node) {
  if (!is_unused(graph, output_at(node, 1))) return false;
  const ValueId training = input_at(node, 2);
  if (training == kNoId) return true;
  const auto flag = fixed_ints(graph, training);
  return flag && flag->size() == 1 && flag->front() == 0;
}

bool is_same_cast(const Graph& graph, const Node& node) {
  const ValueType& from = input_type(graph, node, 0);
  const ValueType& to = graph.value(node.outputs[0]).type;
  return from.is_tensor() && to.is_tensor() && from.element != ElementType::kUndefined &&
         from.element == to.element;
}

// Equal types, or every dim but one certain and equal: then the count settles the last one.
bool is_same_reshape(const Graph& graph, const Node& node) {
  if (keeps_shape(graph, node)) return true;
  const ValueType& from = input_type(graph, node, 0);
  const ValueType& to = graph.value(node.outputs[0]).type;
  if (!from.has_rank || !to.has_rank || from.dims.size() != to.dims.size()) return false;
  size_t open = 0;
  for (size_t i = 0; i < from.dims.size(); ++i) {
    const Dim& dim = from.dims[i];
    if (!same_dim(dim, to.dims[i])) {
      if (dim.known() && to.dims[i].known()) return false;
      ++open;
    } else if (!dim.known() || dim.size == 0) {
      return false;  // may be 0, and then the counts agree whatever the open dim is
    }
  }
  return open <= 1;
}

// For operators that only change dims between 1 and nothing: the same rank means the same tensor.
bool is_same_rank(const Graph& graph, const Node& node) {
  const ValueType& from = input_type(graph, node, 0);
  const ValueType& to = graph.value(node.outputs[0]).type;
  return from.has_rank && to.has_rank && from.dims.size() == to.dims.size();
}

bool is_still_transpose(const Graph& graph, const Node& node) {
  const std::vector<int64_t>* perm = node.ints("perm");
  if (perm == nullptr) {  // reverses the axes
    const ValueType& type = input_type(graph, node, 0);
    return type.has_rank && type.dims.size() <= 1;
  }
  for (size_t i = 0; i < perm->size(); ++i) {
    if ((*perm)[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

bool is_empty_pad(const Graph& graph, const Node& node) {
  const auto pads = fixed_ints(graph, input_at(node, 1));
  return pads && std::all_of(pads->begin(), pads->end(), [](int64_t pad) { return pad == 0; });
}

bool is_full_slice(const Graph& graph, const Node& node) {
  const ValueId steps = input_at(node, 4);
  if (steps != kNoId) {
    const auto values = fixed_ints(graph, steps);
    if (!values || std::any_of(values->begin(), values->end(), [](int64_t s) { return s != 1; })) {
      return false;
    }
  }
  if (keeps_shape(graph, node)) return true;
  // From 0 to "the end" as exporters write it, whatever the dim is.
  const auto starts = fixed_ints(graph, input_at(node, 1));
  const auto ends = fixed_ints(graph, input_at(node, 2));
  constexpr int64_t kEnd = INT32_MAX;
  return starts && ends && std::all_of(starts->begin(), starts->end(), [](int64_t s) { return s == 0; }) &&
         std::all_of(ends->begin(), ends->end(), [](int64_t e) { return e >= kEnd; });
}

bool is_single_tile(const Graph& graph, const Node& node) {
  const auto repeats = fixed_ints(graph, input_at(node, 1));
  return repeats && std::all_of(repeats->begin(), repeats->end(), [](int64_t r) { return r == 1; });
}

bool is_single_split(const Graph&, const Node& node) { return node.outputs.size() == 1; }

// Mul or Div by one: exact in every float format. Adding zero is not (-0.0 + 0.0 is 0.0).
bool is_by_one(const Graph& graph, const Node& node) {
  const auto factor = fixed_scalar(graph, input_at(node, 1));
  return factor && *factor == 1.0 && keeps_shape(graph, node);
}

struct Rule {
  const char* op_type;
  bool (*applies)(const Graph&, const Node&);
};

constexpr Rule kRules[] = {
    {"Identity", is_always},      {"Dropout", is_inference_dropout},
    {"Cast", is_same_cast},       {"CastLike", is_same_cast},
    {"Reshape", is_same_reshape}, {"Flatten", is_same_reshape},
    {"Squeeze", is_same_rank},    {"Unsqueeze", is_same_rank},
    {"Expand", keeps_shape},      {"Transpose", is_still_transpose},
    {"Pad", is_empty_pad},        {"Slice", is_full_slice},
    {"Tile", is_single_tile},     {"Split", is_single_split},
    {"Concat", is_single_input},  {"Sum", is_single_input},
    {"Max", is_single_input},     {"Min", is_single_input},
    {"Mean", is_single_input},    {"Mul", is_by_one},
    {"Div", is_by_one},
};

bool is_noop(const Graph& graph, const Node& node) {
  if (!node.domain.empty() || input_at(node, 0) == kNoId || output_at(node, 0) == kNoId) {
    return false;
  }
  const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const Rule& r) { return node.op_type == r.op_type; });
  return rule != std::end(kRules) && rule->applies(graph, node);
}

}  // namespace

Result<size_t> remove_noops(Graph& graph, PassContext& context) {
  size_t changes = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || !is_noop(graph, node)) continue;
    std::string name = node.name;
    if (!bypass(graph, id, node.inputs[0])) continue;
    context.changed(std::move(name));
    ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
