// Nodes that read only constants are run once, here, on the session's folder, in as few calls as
// possible: one for the whole graph; on an error the set is halved until the node at fault is alone,
// and that one stays as it is. Never folded: what a caller may override, random numbers, nodes with
// bodies, results much larger than their inputs (but filled tensors that are weights: providers pack
// those once), and dequantized weights (a provider that computes in integers needs to see the integers).
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "graph/subgraph.hpp"
#include "optimize/fingerprint.hpp"
#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

uint64_t bytes_of(const Tensor& tensor) { return tensor.bytes.size() + tensor.string_bytes.size(); }

// Bytes of a value as far as they are known before it is computed; 0 where they are not.
uint64_t known_bytes(const GraphValue& value) {
  if (value.constant != nullptr) return bytes_of(*value.constant);
  if (!value.type.is_tensor() || !value.type.has_rank) return 0;
  const int64_t count = element_count(value.type.dims);
  return count < 0 ? 0 : storage_bytes(value.type.element, static_cast<uint64_t>(count));
}

// A filled tensor that a convolution or matrix product reads behind its first input.
bool is_filled_weight(const Graph& graph, const GraphValue& value) {
  if (value.producer == kNoId || !is_op(graph.node(value.producer), "ConstantOfShape")) return false;
  return std::any_of(value.consumers.begin(), value.consumers.end(), [&](NodeId id) {
    const Node& node = graph.node(id);
    return node.inputs[0] != graph.node(value.producer).outputs[0] &&
           (is_op(node, "Conv") || is_op(node, "ConvTranspose") || is_op(node, "Gemm") ||
            is_op(node, "MatMul"));
  });
}

bool grows_too_much(const Graph& graph, const Node& node, const OptimizeOptions& options) {
  if (is_filled_weight(graph, graph.value(node.outputs[0]))) return false;
  uint64_t in = 0;
  uint64_t out = 0;
  for (const ValueId input : node.inputs) in += input == kNoId ? 0 : known_bytes(graph.value(input));
  for (const ValueId output : node.outputs) out += output == kNoId ? 0 : known_bytes(graph.value(output));
  return out > 2 * in && out - in > options.max_fold_growth_bytes;
}

bool has_only_tensors(const Graph& graph, const std::vector<ValueId>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](ValueId value) { return value == kNoId || graph.value(value).type.is_tensor(); });
}

bool may_fold(const Graph& graph, const Node& node, const OptimizeOptions& options) {
  return !node.runs_in_core() && !is_random(node) && !is_op(node, "DequantizeLinear") &&
         has_only_tensors(graph, node.inputs) && has_only_tensors(graph, node.outputs) &&
         !grows_too_much(graph, node, options);
}

// Of `nodes` (in topological order) those that `allowed` takes and whose inputs are constants or made
// by such nodes.
template <class Allowed>
std::vector<NodeId> closed_set(const Graph& graph, std::span<const NodeId> nodes, Allowed allowed) {
  std::vector<NodeId> chosen;
  std::vector<bool> is_chosen(graph.node_count(), false);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = graph.node(nodes[i]);
    const bool closed = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
      if (input == kNoId || is_fixed(graph, input)) return true;
      const NodeId producer = graph.value(input).producer;
      return producer != kNoId && is_chosen[producer];
    });
    if (!closed || !allowed(i, node)) continue;
    is_chosen[nodes[i]] = true;
    chosen.push_back(nodes[i]);
  }
  return chosen;
}

// Why a result may not take the place of `value`; empty when it may.
std::string refusal(const Graph& graph, const GraphValue& value, const TensorPtr& tensor, uint64_t bytes_in,
                    const OptimizeOptions& options) {
  if (tensor == nullptr) return "the folder returned no tensor for '" + value.name + "'";
  if (value.type.element != ElementType::kUndefined && tensor->type != value.type.element) {
    return "the folder returned " + std::string(element_type_name(tensor->type)) + " for '" + value.name +
           "', which is " + std::string(element_type_name(value.type.element));
  }
  const Dims& dims = value.type.dims;
  if (value.type.has_rank &&
      !std::equal(dims.begin(), dims.end(), tensor->dims.begin(), tensor->dims.end(),
                  [](const Dim& dim, int64_t size) { return !dim.known() || dim.size == size; })) {
    return "the folder returned other dims for '" + value.name + "' than were inferred";
  }
  const uint64_t bytes = bytes_of(*tensor);
  if (bytes > 2 * bytes_in && bytes - bytes_in > options.max_fold_growth_bytes &&
      !is_filled_weight(graph, value)) {
    return "the constant '" + value.name + "' would take " + std::to_string(bytes) + " bytes";
  }
  return {};
}

class Folding {
 public:
  Folding(Graph& graph, PassContext& context) : graph_(graph), context_(context) {}

  Result<size_t> run() {
    if (!has_start()) return size_t{0};
    const std::vector<NodeId> order = graph_.topological_order();
    std::vector<NodeId> candidates = closed_set(
        graph_, order, [&](size_t, const Node& node) { return may_fold(graph_, node, context_.options); });
    if (candidates.empty()) return size_t{0};
    if (context_.options.folder == nullptr) {
      context_.note("skipped: no provider works in memory that the host can read");
      return size_t{0};
    }
    BP_ASSIGN_OR_RETURN(const std::vector<bool> taken,
                        context_.options.folder->can_fold(*cut_graph(graph_, candidates).graph));
    if (taken.size() != candidates.size()) {
      return Status(ErrorCode::kInternal, "the constant folder answered for " + std::to_string(taken.size()) +
                                              " nodes, was asked about " + std::to_string(candidates.size()));
    }
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (!taken[i])
        context_.note(graph_.node(candidates[i]).label() +
                      " is constant, but the folding provider does not take it");
    }
    candidates = closed_set(graph_, candidates, [&](size_t i, const Node&) { return taken[i]; });
    fold(candidates);
    return folded_;
  }

 private:
  // Is there a node that reads only constants? Every constant sub-graph begins with one.
  bool has_start() const {
    for (NodeId id = 0; id < graph_.node_count(); ++id) {
      const Node& node = graph_.node(id);
      if (node.alive && std::all_of(node.inputs.begin(), node.inputs.end(),
                                    [&](ValueId input) { return input == kNoId || is_fixed(graph_, input); })) {
        return true;
      }
    }
    return false;
  }

  void fold(std::span<const NodeId> nodes) {
    if (nodes.empty()) return;
    const Status status = fold_at_once(nodes);
    if (status.ok()) return;
    if (nodes.size() == 1) {
      context_.note(graph_.node(nodes[0]).label() + " was not folded: " + status.message());
      return;
    }
    const size_t half = nodes.size() / 2;
    fold(nodes.subspan(0, half));
    // What depends on a node that stayed cannot be folded any more.
    fold(closed_set(graph_, nodes.subspan(half), [](size_t, const Node&) { return true; }));
  }

  Status fold_at_once(std::span<const NodeId> nodes) {
    const CutGraph cut = cut_graph(graph_, nodes);
    BP_ASSIGN_OR_RETURN(const std::vector<TensorPtr> tensors, context_.options.folder->fold(*cut.graph));
    if (tensors.size() != cut.outputs.size()) {
      return Status(ErrorCode::kInternal, "expected " + std::to_string(cut.outputs.size()) +
                                              " folded tensors, got " + std::to_string(tensors.size()));
    }
    uint64_t bytes_in = 0;
    for (ValueId id = 0; id < cut.graph->value_count(); ++id) {
      if (cut.graph->value(id).constant) bytes_in += bytes_of(*cut.graph->value(id).constant);
    }
    for (size_t i = 0; i < tensors.size(); ++i) {
      std::string reason =
          refusal(graph_, graph_.value(cut.outputs[i]), tensors[i], bytes_in, context_.options);
      if (!reason.empty()) return Status(ErrorCode::kUnsupported, std::move(reason));
    }
    for (const NodeId id : nodes) {
      context_.changed(graph_.node(id).name);
      graph_.remove_node(id);
    }
    for (size_t i = 0; i < tensors.size(); ++i) make_constant(graph_, cut.outputs[i], tensors[i]);
    folded_ += nodes.size();
    return {};
  }

  Graph& graph_;
  PassContext& context_;
  size_t folded_ = 0;
};

}  // namespace

Result<size_t> fold_constants(Graph& graph, PassContext& context) { return Folding(graph, context).run(); }

}  // namespace bp::optimize_passes
