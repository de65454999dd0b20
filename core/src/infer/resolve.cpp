#include "infer/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
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

namespace {

// By ValueId: what is known at some point. Copies share what they hold.
struct Knowledge {
  std::vector<std::shared_ptr<const ValueType>> types;
  SharedDims dims;  // where known
  std::vector<bool> known;
  std::vector<TensorPtr> contents;
};

bool same_contents(const TensorPtr& a, const TensorPtr& b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->type == ElementType::kString) return false;
  return a->type == b->type && a->dims == b->dims && std::ranges::equal(a->bytes, b->bytes);
}

}  // namespace

struct ShapeResolver::State {
  const Graph* graph = nullptr;
  HostValues host;
  std::vector<Step> steps;
  Knowledge initial;  // before any key: dims of constants, element types of the rest

  // What the last call without facts found.
  mutable std::mutex mutex;
  mutable std::shared_ptr<const Knowledge> last;
};

namespace {

// One call of resolve: what is known of all values, filled in node by node.
class Run {
 public:
  // `last`: what an earlier call found; may be null.
  Run(const Graph& graph, const Knowledge& initial, const Knowledge* last)
      : graph_(graph),
        initial_(initial),
        repeats_(last != nullptr),
        now_(repeats_ ? *last : initial),
        changed_(graph.value_count()),
        math_(nullptr) {}

  Status set_input(size_t index, const ConcreteDims& dims, const TensorPtr& value);
  void set_fact(const ShapeFact& fact);
  Status step(const Step& step);
  Knowledge take() { return std::move(now_); }

 private:
  const Tensor* contents(ValueId id) const {
    if (now_.contents[id]) return now_.contents[id].get();
    const GraphValue& value = graph_.value(id);
    return value.constant && !value.is_input ? value.constant.get() : nullptr;
  }
  void set_dims(ValueId id, Dims dims) {
    now_.dims.set(id, concrete(dims));
    const ValueType& before = *now_.types[id];
    now_.types[id] = std::make_shared<const ValueType>(
        ValueType{before.kind, before.element, true, std::move(dims), before.contained});
    now_.known[id] = true;
  }
  bool stays(const Step& step) const;
  Status run_node(const Step& step);
  Status evaluate_node(const Node& node);
  Status infer_node(const Node& node, const NodeInference& inference);
  void take_declared(const Node& node);

  const Graph& graph_;
  const Knowledge& initial_;
  bool repeats_;
  Knowledge now_;
  std::vector<bool> changed_;  // by ValueId, since the last call
  bool any_changed_ = false;   // of the inputs
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
  const TensorPtr& contents = value ? value : input.constant;
  if (repeats_ && now_.known[id] && now_.dims[id] == dims && same_contents(now_.contents[id], contents))
    return {};
  changed_[id] = any_changed_ = true;
  set_dims(id, as_dims(dims));
  now_.contents[id] = contents;
  return {};
}

void Run::set_fact(const ShapeFact& fact) {
  set_dims(fact.value, as_dims(fact.dims));
  now_.contents[fact.value] = fact.tensor;
}

Status Run::step(const Step& step) {
  if (!repeats_) return run_node(step);
  if (stays(step)) return {};
  struct Before {
    bool known;
    ConcreteDims dims;
    TensorPtr contents;
  };
  const Node& node = graph_.node(step.node);
  std::vector<Before> before;
  for (const ValueId id : node.outputs) {
    if (id == kNoId) continue;
    before.push_back({now_.known[id], now_.dims[id], std::move(now_.contents[id])});
    now_.known[id] = initial_.known[id];
    now_.types[id] = initial_.types[id];
    now_.dims.clear(id);
    now_.contents[id] = nullptr;
  }
  BP_RETURN_IF_ERROR(run_node(step));
  size_t index = 0;
  for (const ValueId id : node.outputs) {
    if (id == kNoId) continue;
    const Before& old = before[index++];
    changed_[id] = old.known != now_.known[id] || old.dims != now_.dims[id] ||
                   !same_contents(old.contents, now_.contents[id]);
  }
  return {};
}

// Whether the node finds what it found the last time.
bool Run::stays(const Step& step) const {
  // What a file declares holds symbols of the inputs.
  if (!step.evaluate && !step.inference.known() && any_changed_) return false;
  for (const ValueId id : graph_.node(step.node).inputs)
    if (id != kNoId && changed_[id]) return false;
  return true;
}

Status Run::run_node(const Step& step) {
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
      if (!now_.known[id]) return {};
      dims[i] = now_.dims[id];
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
    now_.contents[node.outputs[i]] = (*results)[i];
  }
  return {};
}

Status Run::infer_node(const Node& node, const NodeInference& inference) {
  inputs_.assign(node.inputs.size(), {});
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoId) continue;
    inputs_[i] = {now_.types[id].get(), contents(id), nullptr};
  }
  if (!inference.known()) {
    take_declared(node);
    return {};
  }
  auto types = inference.infer(node, inputs_, math_);
  if (!types.ok()) return types.status().at(node.label());
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    if (id == kNoId || now_.known[id]) continue;
    ValueType& type = (*types)[i];
    if (type.is_tensor() && type.has_rank && all_known(type.dims)) set_dims(id, std::move(type.dims));
  }
  return {};
}

// An operator that nobody can infer: what the file declares, with the inputs' symbols put in.
void Run::take_declared(const Node& node) {
  for (const ValueId id : node.outputs) {
    if (id == kNoId || now_.known[id]) continue;
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
  Knowledge& initial = state->initial;
  initial.types.resize(graph.value_count());
  initial.dims.resize(graph.value_count());
  initial.known.resize(graph.value_count());
  initial.contents.resize(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    ValueType type = value.type;
    if (value.constant && !value.is_input) {
      type = ValueType::tensor(value.constant->type, as_dims(value.constant->dims));
      initial.dims.set(id, value.constant->dims);
      initial.known[id] = true;
    } else if (type.is_tensor()) {
      type.has_rank = false;
      type.dims.clear();
    }
    initial.types[id] = std::make_shared<const ValueType>(std::move(type));
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
  std::shared_ptr<const Knowledge> last;
  if (facts.empty()) {
    const std::lock_guard lock(state_->mutex);
    last = state_->last;
  }
  Run run(graph, state_->initial, last.get());
  for (size_t i = 0; i < input_dims.size(); ++i) {
    BP_RETURN_IF_ERROR(run.set_input(i, input_dims[i], i < input_values.size() ? input_values[i] : nullptr));
  }
  for (const ShapeFact& fact : facts) run.set_fact(fact);
  for (const Step& step : state_->steps) BP_RETURN_IF_ERROR(run.step(step));
  Knowledge found = run.take();
  ResolvedShapes shapes{found.dims, found.known, found.contents};
  if (facts.empty()) {
    last = std::make_shared<const Knowledge>(std::move(found));
    const std::lock_guard lock(state_->mutex);
    state_->last.swap(last);  // the old one is freed without the lock
  }
  return shapes;
}

}  // namespace bp
