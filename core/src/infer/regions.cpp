// Region nodes: types go in through the bodies' inputs and come out of their outputs. Captured values are the
// last inputs of the node and of each body.
#include <fmt/format.h>

#include "infer/graph_inference.hpp"
#include "infer/merge_types.hpp"
#include "ops/onnx_bridge/check_node.hpp"

namespace bp {
namespace {

Status wrong_count(const char* what, size_t expected, size_t found) {
  return {ErrorCode::kInvalidModel, fmt::format("{} must be {}, is {}", what, expected, found)};
}

ValueType type_of(const Graph& graph, ValueId id) { return id == kNoId ? ValueType{} : graph.value(id).type; }

// A tensor type with `dim` put in at `axis`, counted in the result's rank.
Result<ValueType> with_dim(ValueType type, int64_t axis, const Dim& dim) {
  if (!type.is_tensor() || !type.has_rank) return type;
  const auto rank = static_cast<int64_t>(type.dims.size()) + 1;
  const int64_t at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) {
    return Status(ErrorCode::kInvalidModel, fmt::format("axis must be in [{}, {}), is {}", -rank, rank, axis));
  }
  type.dims.insert(type.dims.begin() + at, dim);
  return type;
}

int64_t entry_or(const std::vector<int64_t>* list, size_t index, int64_t fallback) {
  return list != nullptr && index < list->size() ? (*list)[index] : fallback;
}

// With those of bodies inside.
size_t nodes_in(const Graph& graph) {
  size_t count = graph.node_count();
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    for (const std::shared_ptr<Graph>& body : graph.node(id).regions) count += nodes_in(*body);
  }
  return count;
}

void forget_rank(ValueType& type) {
  type.has_rank = false;
  type.dims.clear();
}

constexpr size_t kMaxTrialNodes = 100'000;

bool same_type(const ValueType& a, const ValueType& b) {
  return a.kind == b.kind && a.element == b.element && a.has_rank == b.has_rank && a.dims == b.dims;
}

}  // namespace

Status GraphInference::run_body(Graph& body, const Graph& outer, const Node& node,
                                std::span<const ValueType> own_inputs, const Known& known) {
  const size_t captures = node.capture_count;
  if (body.inputs().size() != own_inputs.size() + captures || node.inputs.size() < captures) {
    return wrong_count("the number of the body's inputs", own_inputs.size() + captures, body.inputs().size());
  }
  std::vector<KnownValue> known_inputs(body.inputs().size());
  for (size_t i = 0; i < body.inputs().size(); ++i) {
    GraphValue& input = body.value(body.inputs()[i]);
    ValueType type;
    if (i < own_inputs.size()) {
      type = own_inputs[i];
    } else {
      const ValueId id = node.inputs[node.inputs.size() - captures + (i - own_inputs.size())];
      type = type_of(outer, id);
      if (id != kNoId) known_inputs[i] = known[id];
    }
    auto merged = merge_types(type, input.type, {math_}, symbols_);
    if (!merged.ok()) return merged.status().at(fmt::format("input {} ('{}') of the body", i, input.name));
    input.type = std::move(*merged);
  }
  return run(body, known_inputs);
}

Status GraphInference::infer_branch(Graph& graph, const Node& node, const Known& known) {
  std::vector<ValueType> types;
  for (size_t b = 0; b < node.regions.size(); ++b) {
    Graph& body = *node.regions[b];
    BP_RETURN_IF_ERROR(run_body(body, graph, node, {}, known));
    if (body.outputs().size() != node.outputs.size()) {
      return wrong_count("the number of the body's outputs", node.outputs.size(), body.outputs().size());
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueType& type = body.value(body.outputs()[i]).type;
      if (b == 0) {
        types.push_back(type);
        continue;
      }
      auto common = common_type(types[i], type, symbols_);
      if (!common.ok()) return common.status().at(fmt::format("output {} of the two branches", i));
      types[i] = std::move(*common);
    }
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) BP_RETURN_IF_ERROR(set_type(graph, node, i, types[i]));
  return {};
}

// Dims that differ between before and after get a name of their own, equal to neither. A dim that has one keeps
// it: it may change with every iteration.
void GraphInference::free_changed_dims(const ValueType& before, std::set<SymbolId>& freed, ValueType& common) {
  if (!common.is_tensor() || !common.has_rank) return;
  for (size_t i = 0; i < common.dims.size(); ++i) {
    Dim& dim = common.dims[i];
    if (dim.known() || dim.symbol != 0) continue;
    if (freed.contains(before.dims[i].symbol)) {
      dim = before.dims[i];
    } else {
      dim = math_.fresh("carried");
      freed.insert(dim.symbol);
    }
  }
}

// The types of the carried values that hold before the first iteration and after each one. Tried on copies of
// the body, because types that a run leaves in the body must be those of the final one.
Result<std::vector<ValueType>> GraphInference::settle_carried(const Graph& body, const Graph& outer,
                                                              const Node& node, std::vector<ValueType> inputs,
                                                              size_t first, size_t count, size_t first_output,
                                                              const Known& known) {
  // Dims can only become unknown, then ranks: two rounds settle what one body does, nested ones a few more.
  constexpr int kMaxRounds = 6;
  std::vector<std::set<SymbolId>> freed(count);
  for (int round = 0; round < kMaxRounds; ++round) {
    // Loops in loops try their bodies inside each other's trials: beyond a bound nothing is tried any more.
    trial_nodes_ += nodes_in(body);
    if (trial_nodes_ > kMaxTrialNodes) {
      for (size_t i = 0; i < count; ++i) forget_rank(inputs[first + i]);
      break;
    }
    const std::unique_ptr<Graph> trial = body.clone();
    BP_RETURN_IF_ERROR(run_body(*trial, outer, node, inputs, known));
    bool settled = true;
    for (size_t i = 0; i < count; ++i) {
      const ValueType& after = trial->value(trial->outputs()[first_output + i]).type;
      auto common = common_type(inputs[first + i], after, symbols_);
      if (!common.ok()) return common.status().at(fmt::format("carried value {}", i));
      free_changed_dims(inputs[first + i], freed[i], *common);
      settled = settled && same_type(*common, inputs[first + i]);
      inputs[first + i] = std::move(*common);
    }
    if (settled) break;
    // What still changes has no type that a loop can promise.
    if (round + 2 >= kMaxRounds) {
      for (size_t i = 0; i < count; ++i) forget_rank(inputs[first + i]);
    }
  }
  return inputs;
}

Status GraphInference::infer_loop(Graph& graph, const Node& node, const Known& known) {
  if (node.regions.size() != 1) return wrong_count("the number of bodies", 1, node.regions.size());
  Graph& body = *node.regions[0];
  const size_t captures = node.capture_count;
  if (node.inputs.size() < 2 + captures)
    return wrong_count("the number of inputs", 2 + captures, node.inputs.size());
  const size_t carried = node.inputs.size() - 2 - captures;
  if (body.outputs().size() < 1 + carried || body.outputs().size() != node.outputs.size() + 1) {
    return wrong_count("the number of the body's outputs", node.outputs.size() + 1, body.outputs().size());
  }
  std::vector<ValueType> inputs{ValueType::tensor(ElementType::kInt64, {}),
                                ValueType::tensor(ElementType::kBool, {})};
  // Files write the counter and the condition as [] or [1]: the body's own statement stands.
  for (size_t i = 0; i < 2 && i < body.inputs().size(); ++i) {
    const ValueType& declared = body.value(body.inputs()[i]).type;
    if (declared.is_tensor() && declared.has_rank && declared.dims == Dims{Dim::of(1)})
      inputs[i].dims = declared.dims;
  }
  for (size_t i = 0; i < carried; ++i) inputs.push_back(type_of(graph, node.inputs[2 + i]));
  BP_ASSIGN_OR_RETURN(inputs, settle_carried(body, graph, node, std::move(inputs), 2, carried, 1, known));
  BP_RETURN_IF_ERROR(run_body(body, graph, node, inputs, known));
  const Dim trips = math_.fresh(node.name + "_trips");
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    ValueType type = body.value(body.outputs()[i + 1]).type;
    if (i < carried) {
      type = inputs[2 + i];  // also when no iteration runs
    } else {
      BP_ASSIGN_OR_RETURN(type, with_dim(std::move(type), 0, trips));
    }
    BP_RETURN_IF_ERROR(set_type(graph, node, i, type));
  }
  return {};
}

bool GraphInference::is_batched_scan(const Node& node) const {
  const int64_t opset = node.since_version > 0 ? node.since_version : imported_version(opsets_, node.domain);
  return opset > 0 && opset < 9;
}

Status GraphInference::infer_scan(Graph& graph, const Node& node, const Known& known) {
  if (node.regions.size() != 1) return wrong_count("the number of bodies", 1, node.regions.size());
  Graph& body = *node.regions[0];
  const size_t own = node.inputs.size() - node.capture_count;
  const int64_t scans = node.int_or("num_scan_inputs", 0);
  if (scans < 1 || static_cast<size_t>(scans) > own) {
    return {ErrorCode::kInvalidModel,
            fmt::format("attribute 'num_scan_inputs' must be in [1, {}], is {}", own, scans)};
  }
  const size_t carried = own - static_cast<size_t>(scans);
  if (body.outputs().size() != node.outputs.size() || node.outputs.size() < carried) {
    return wrong_count("the number of the body's outputs", node.outputs.size(), body.outputs().size());
  }
  std::vector<ValueType> inputs;
  for (size_t i = 0; i < own; ++i) inputs.push_back(type_of(graph, node.inputs[i]));
  Dim length;
  for (size_t i = carried; i < own; ++i) {
    ValueType& type = inputs[i];
    if (!type.is_tensor() || !type.has_rank) continue;
    const auto rank = static_cast<int64_t>(type.dims.size());
    const int64_t axis = entry_or(node.ints("scan_input_axes"), i - carried, 0);
    const int64_t at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      return {ErrorCode::kInvalidModel,
              fmt::format("axis of input {} must be in [{}, {}), is {}", i, -rank, rank, axis)};
    }
    const Dim& dim = type.dims[static_cast<size_t>(at)];
    if (length.known() && dim.known() && length.size != dim.size) {
      return {ErrorCode::kInvalidModel,
              fmt::format("input {} must have {} entries at axis {}, has {}", i, length.size, at, dim.size)};
    }
    if (!length.known()) length = dim;
    type.dims.erase(type.dims.begin() + at);
  }
  BP_ASSIGN_OR_RETURN(inputs, settle_carried(body, graph, node, std::move(inputs), 0, carried, 0, known));
  BP_RETURN_IF_ERROR(run_body(body, graph, node, inputs, known));
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    ValueType type = i < carried ? inputs[i] : body.value(body.outputs()[i]).type;
    if (i >= carried) {
      const int64_t axis = entry_or(node.ints("scan_output_axes"), i - carried, 0);
      BP_ASSIGN_OR_RETURN(type, with_dim(std::move(type), axis, length));
    }
    BP_RETURN_IF_ERROR(set_type(graph, node, i, type));
  }
  return {};
}

}  // namespace bp
