#include "infer/resolve.hpp"

#include <fmt/format.h>

#include <unordered_map>

#include "infer/shape_eval.hpp"
#include "ops/dim_math.hpp"
#include "ops/onnx_bridge/node_inference.hpp"

namespace bp {
namespace {

// How the outputs of one node get their dims.
struct Step {
  NodeId node = kNoId;
  bool evaluate = false;
  NodeInference inference;
};

// Only the outermost dims matter to inference; element types come along from the graph.
bool all_known(const Dims& dims) {
  for (const Dim& dim : dims) {
    if (!dim.known()) return false;
  }
  return true;
}

ConcreteDims concrete(const Dims& dims) {
  ConcreteDims result;
  result.reserve(dims.size());
  for (const Dim& dim : dims) result.push_back(dim.size);
  return result;
}

Dims as_dims(const ConcreteDims& dims) {
  Dims result;
  result.reserve(dims.size());
  for (const int64_t dim : dims) result.push_back(Dim::of(dim));
  return result;
}

}  // namespace

struct ShapeResolver::State {
  const Graph* graph = nullptr;
  HostValues host;
  std::vector<Step> steps;
  // By ValueId: what is known before any key; dims of constants, element types of the rest.
  std::vector<ValueType> types;
  std::vector<bool> known;
};

namespace {

// One call of resolve: the types of all values, filled in node by node.
class Run {
 public:
  Run(const Graph& graph, const std::vector<ValueType>& types, const std::vector<bool>& known)
      : graph_(graph), types_(types), known_(known), contents_(graph.value_count()), math_(nullptr) {}

  Status set_input(size_t index, const ConcreteDims& dims, const TensorPtr& value);
  void set_fact(const ShapeFact& fact);
  Status step(const Step& step);
  ResolvedShapes take();

 private:
  const Tensor* contents(ValueId id) const {
    if (contents_[id]) return contents_[id].get();
    const GraphValue& value = graph_.value(id);
    return value.constant && !value.is_input ? value.constant.get() : nullptr;
  }
  void set_dims(ValueId id, Dims dims) {
    types_[id].has_rank = true;
    types_[id].dims = std::move(dims);
    known_[id] = true;
  }
  Status evaluate_node(const Node& node);
  Status infer_node(const Node& node, const NodeInference& inference);
  void take_declared(const Node& node);

  const Graph& graph_;
  std::vector<ValueType> types_;
  std::vector<bool> known_;
  std::vector<TensorPtr> contents_;
  DimMath math_;
  std::unordered_map<SymbolId, int64_t> symbols_;  // sizes of the symbols of the inputs' dims
  std::vector<KnownInput> inputs_;
};

Status Run::set_input(size_t index, const ConcreteDims& dims, const TensorPtr& value) {
  const ValueId id = graph_.inputs()[index];
  const GraphValue& input = graph_.value(id);
  const auto wrong = [&](const std::string& text) {
    return Status(ErrorCode::kInvalidArgument, fmt::format("input '{}': {}", input.name, text));
  };
  if (!input.type.is_tensor()) return {};
  if (input.type.has_rank && input.type.dims.size() != dims.size()) {
    return wrong(fmt::format("must have {} dims, has {}", input.type.dims.size(), dims.size()));
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) return wrong(fmt::format("dim {} is {}", i, dims[i]));
    if (!input.type.has_rank) continue;
    const Dim& declared = input.type.dims[i];
    if (declared.known() && declared.size != dims[i]) {
      return wrong(fmt::format("dim {} must be {}, is {}", i, declared.size, dims[i]));
    }
    if (declared.symbol != 0) symbols_.try_emplace(declared.symbol, dims[i]);
  }
  set_dims(id, as_dims(dims));
  contents_[id] = value ? value : input.constant;
  return {};
}

void Run::set_fact(const ShapeFact& fact) {
  set_dims(fact.value, as_dims(fact.dims));
  contents_[fact.value] = fact.tensor;
}

Status Run::step(const Step& step) {
  const Node& node = graph_.node(step.node);
  if (step.evaluate) return evaluate_node(node);
  return infer_node(node, step.inference);
}

Status Run::evaluate_node(const Node& node) {
  std::vector<EvalInput> inputs(node.inputs.size());
  std::vector<ConcreteDims> dims(node.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoId) continue;
    if (reads_only_dims(node)) {
      if (!known_[id]) return {};
      dims[i] = concrete(types_[id].dims);
      inputs[i].dims = &dims[i];
    } else {
      inputs[i].tensor = contents(id);
      if (inputs[i].tensor == nullptr) return {};  // waits for data
    }
  }
  auto results = evaluate(node, inputs);
  if (!results.ok()) return results.status().at(node.label());
  for (size_t i = 0; i < node.outputs.size() && i < results->size(); ++i) {
    if (node.outputs[i] == kNoId) continue;
    set_dims(node.outputs[i], as_dims((*results)[i]->dims));
    contents_[node.outputs[i]] = (*results)[i];
  }
  return {};
}

Status Run::infer_node(const Node& node, const NodeInference& inference) {
  inputs_.assign(node.inputs.size(), {});
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoId) continue;
    inputs_[i] = {&types_[id], contents(id), nullptr};
  }
  if (!inference.known()) {
    take_declared(node);
    return {};
  }
  auto types = inference.infer(node, inputs_, math_);
  if (!types.ok()) return types.status().at(node.label());
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    if (id == kNoId || known_[id]) continue;
    ValueType& type = (*types)[i];
    if (type.is_tensor() && type.has_rank && all_known(type.dims)) set_dims(id, std::move(type.dims));
  }
  return {};
}

// An operator that nobody can infer: what the file declares, with the inputs' symbols put in.
void Run::take_declared(const Node& node) {
  for (const ValueId id : node.outputs) {
    if (id == kNoId || known_[id]) continue;
    const ValueType& declared = graph_.value(id).type;
    if (!declared.is_tensor() || !declared.has_rank) continue;
    Dims dims = declared.dims;
    for (Dim& dim : dims) {
      const auto bound = dim.known() ? symbols_.end() : symbols_.find(dim.symbol);
      if (bound != symbols_.end()) dim = Dim::of(bound->second);
    }
    if (all_known(dims)) set_dims(id, std::move(dims));
  }
}

ResolvedShapes Run::take() {
  ResolvedShapes shapes;
  shapes.dims.resize(types_.size());
  for (ValueId id = 0; id < types_.size(); ++id) {
    if (known_[id]) shapes.dims[id] = concrete(types_[id].dims);
  }
  shapes.known = std::move(known_);
  shapes.host_values = std::move(contents_);
  return shapes;
}

}  // namespace

ShapeResolver::ShapeResolver(std::unique_ptr<const State> state) : state_(std::move(state)) {}
ShapeResolver::ShapeResolver(ShapeResolver&&) noexcept = default;
ShapeResolver& ShapeResolver::operator=(ShapeResolver&&) noexcept = default;
ShapeResolver::~ShapeResolver() = default;

const HostValues& ShapeResolver::host_values() const noexcept { return state_->host; }

Result<ShapeResolver> ShapeResolver::create(const Graph& graph) {
  auto state = std::make_unique<State>();
  state->graph = &graph;
  state->host = classify_host_values(graph);
  state->types.resize(graph.value_count());
  state->known.resize(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    ValueType& type = state->types[id];
    type = value.type;
    if (value.constant && !value.is_input) {
      type = ValueType::tensor(value.constant->type, as_dims(value.constant->dims));
      state->known[id] = true;
    } else if (type.is_tensor()) {
      type.has_rank = false;
      type.dims.clear();
    }
  }
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph.node(id);
    state->steps.push_back({id, state->host.on_host[id], NodeInference::create(node, node.since_version)});
  }
  return ShapeResolver(std::unique_ptr<const State>(std::move(state)));
}

Result<ResolvedShapes> ShapeResolver::resolve(std::span<const ConcreteDims> input_dims,
                                              std::span<const TensorPtr> input_values,
                                              std::span<const ShapeFact> facts) const {
  const Graph& graph = *state_->graph;
  if (input_dims.size() != graph.inputs().size()) {
    return Status(ErrorCode::kInvalidArgument, fmt::format("the dims of {} inputs are needed, {} are given",
                                                           graph.inputs().size(), input_dims.size()));
  }
  Run run(graph, state_->types, state_->known);
  for (size_t i = 0; i < input_dims.size(); ++i) {
    BP_RETURN_IF_ERROR(run.set_input(i, input_dims[i], i < input_values.size() ? input_values[i] : nullptr));
  }
  for (const ShapeFact& fact : facts) run.set_fact(fact);
  for (const Step& step : state_->steps) BP_RETURN_IF_ERROR(run.step(step));
  return run.take();
}

}  // namespace bp
