#include "infer/host_values.hpp"

#include <algorithm>

#include "infer/host_tensor.hpp"
#include "infer/shape_eval.hpp"
#include "ops/onnx_bridge/node_inference.hpp"
#include "ops/op_traits.hpp"

namespace bp {
namespace {

// From where a value can be computed by the evaluator alone.
enum class Reach : uint8_t {
  kConstant,  // constants only
  kDims,      // dims, and constants
  kKey,       // contents of eligible graph inputs as well
  kNone,
};

class Classifier {
 public:
  explicit Classifier(const Graph& graph)
      : graph_(graph), order_(graph.topological_order()), reach_(graph.value_count(), Reach::kNone) {
    result_.is_host.resize(graph.value_count());
    result_.read_back.resize(graph.value_count());
    result_.on_host.resize(graph.node_count());
    result_.data_dependent.resize(graph.node_count());
    result_.segment.resize(graph.node_count());
    demanded_.resize(graph.value_count());
    key_.resize(graph.value_count());
  }

  HostValues run() {
    find_reach();
    for (const NodeId id : order_) demand_operands(graph_.node(id));
    for (const NodeId id : order_) keep_dims_on_host(graph_.node(id));
    for (const NodeId id : order_) result_.on_host[id] = all_outputs_host(graph_.node(id));
    for (const NodeId id : order_) result_.data_dependent[id] = is_data_dependent(id);
    assign_segments();
    for (const ValueId input : graph_.inputs()) {
      if (key_[input]) result_.key_inputs.push_back(input);
    }
    return std::move(result_);
  }

 private:
  const ValueType& type(ValueId id) const { return graph_.value(id).type; }
  bool is_fixed(ValueId id) const { return graph_.value(id).constant != nullptr && !graph_.value(id).is_input; }

  bool is_small_integers(ValueId id) const {
    const ValueType& t = type(id);
    const bool integers =
        t.is_tensor() && (t.element == ElementType::kInt64 || t.element == ElementType::kInt32 ||
                          t.element == ElementType::kBool);
    return integers && t.has_rank && t.dims.size() <= 1;
  }

  // Float scalars are sizes too (Resize's scales, Range's limits), but only where a shape demands them.
  bool is_eligible_input(ValueId id) const {
    const ValueType& t = type(id);
    return is_small_integers(id) ||
           (t.is_tensor() && is_host_element(t.element) && t.has_rank && t.dims.size() <= 1);
  }

  Reach reach_of(ValueId id) const {
    if (id == kNoId) return Reach::kConstant;
    const GraphValue& value = graph_.value(id);
    if (is_fixed(id)) {
      const bool small = value.constant->count() <= kMaxHostElements && is_host_element(value.constant->type);
      return small ? Reach::kConstant : Reach::kNone;
    }
    if (value.producer == kNoId) return is_eligible_input(id) ? Reach::kKey : Reach::kNone;
    return reach_[id];
  }

  void find_reach() {
    for (const NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (!can_evaluate(node) || !outputs_are_host_elements(node)) continue;
      Reach reach = reads_only_dims(node) ? Reach::kDims : Reach::kConstant;
      if (!reads_only_dims(node)) {
        for (const ValueId input : node.inputs) reach = std::max(reach, reach_of(input));
      }
      for (const ValueId output : node.outputs) {
        if (output != kNoId) reach_[output] = reach;
      }
    }
  }

  bool outputs_are_host_elements(const Node& node) const {
    return std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
      return output == kNoId || (type(output).is_tensor() && is_host_element(type(output).element));
    });
  }

  void demand_operands(const Node& node) {
    const uint32_t operands = traits_of(node).shape_operands;
    for (size_t i = 0; i < node.inputs.size() && i < 32; ++i) {
      if ((operands >> i & 1u) != 0 && node.inputs[i] != kNoId) demand(node.inputs[i]);
    }
  }

  // The contents of `start` decide dims: from where do they come? An explicit stack, as chains may be long.
  void demand(ValueId start) {
    std::vector<ValueId> stack{start};
    while (!stack.empty()) {
      const ValueId id = stack.back();
      stack.pop_back();
      if (demanded_[id] || is_fixed(id)) continue;
      demanded_[id] = true;
      const GraphValue& value = graph_.value(id);
      if (value.producer == kNoId) {
        key_[id] = true;
        continue;
      }
      const Node& node = graph_.node(value.producer);
      if (!runs_on_host(node)) {
        result_.read_back[id] = true;
        continue;
      }
      for (const ValueId output : node.outputs) {
        if (output != kNoId) result_.is_host[output] = true;
      }
      if (reads_only_dims(node)) continue;
      for (const ValueId input : node.inputs) {
        if (input != kNoId) stack.push_back(input);
      }
    }
  }

  // A demanded node is evaluated when all its operands can be had on the host: by evaluation, or read back
  // where they are few integers. Otherwise the node runs on a device and its result is read back.
  bool runs_on_host(const Node& node) const {
    if (!can_evaluate(node) || !outputs_are_host_elements(node)) return false;
    if (reads_only_dims(node)) return true;
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
      if (input == kNoId || reach_of(input) != Reach::kNone) return true;
      return graph_.value(input).producer != kNoId && is_small_integers(input);
    });
  }

  // Values that follow from dims alone stay on the host also where no shape needs them, as long as they are
  // small.
  void keep_dims_on_host(const Node& node) {
    if (!can_evaluate(node) || !outputs_are_host_elements(node)) return;
    const bool from_dims = std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
      return output == kNoId || (reach_[output] == Reach::kDims && is_small(output));
    });
    const bool inputs_here =
        reads_only_dims(node) || std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
          return input == kNoId || is_fixed(input) || result_.is_host[input] ||
                 reach_of(input) == Reach::kConstant;
        });
    if (!from_dims || !inputs_here) return;
    for (const ValueId output : node.outputs) {
      if (output != kNoId) result_.is_host[output] = true;
    }
    // Operands made of constants alone come along.
    if (reads_only_dims(node)) return;
    for (const ValueId input : node.inputs) {
      if (input != kNoId && !is_fixed(input) && !result_.is_host[input]) demand(input);
    }
  }

  bool is_small(ValueId id) const {
    const ValueType& t = type(id);
    if (!t.has_rank) return false;
    const int64_t count = element_count(t.dims);
    return count >= 0 ? count <= kMaxHostElements : t.dims.size() <= 1;
  }

  bool all_outputs_host(const Node& node) const {
    bool any = false;
    for (const ValueId output : node.outputs) {
      if (output == kNoId) continue;
      if (!result_.is_host[output]) return false;
      any = true;
    }
    return any;
  }

  bool is_data_dependent(NodeId id) const {
    const Node& node = graph_.node(id);
    if (result_.on_host[id]) return false;
    if (traits_of(node).data_dependent) return true;
    const auto fixed = [&](ValueId output) { return output == kNoId || type(output).is_static(); };
    if (std::all_of(node.outputs.begin(), node.outputs.end(), fixed)) return false;
    // Values that are no tensors have no dims to settle; operators that nobody can infer tell theirs after the
    // run.
    const auto tensor = [&](ValueId value) { return value == kNoId || type(value).is_tensor(); };
    return !std::all_of(node.outputs.begin(), node.outputs.end(), tensor) ||
           !std::all_of(node.inputs.begin(), node.inputs.end(), tensor) ||
           !NodeInference::create(node, node.since_version).known();
  }

  // Segment by value: where the dims are known, where the contents are known on the host.
  void assign_segments() {
    std::vector<uint32_t> dims(graph_.value_count(), 0);
    std::vector<uint32_t> contents(graph_.value_count(), 0);
    for (const NodeId id : order_) {
      const Node& node = graph_.node(id);
      const bool host = result_.on_host[id];
      const bool dims_only = reads_only_dims(node);
      const uint32_t operands = traits_of(node).shape_operands;
      uint32_t segment = 0;
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        const ValueId input = node.inputs[i];
        if (input == kNoId) continue;
        const bool needs_contents = host ? !dims_only : i < 32 && (operands >> i & 1u) != 0;
        segment = std::max(segment, dims[input]);
        if (needs_contents) segment = std::max(segment, contents[input]);
        // A host value that a device reads must be there when the segment starts.
        if (!host && result_.is_host[input]) segment = std::max(segment, contents[input]);
        if (host && dims_only) continue;
        const NodeId producer = graph_.value(input).producer;
        if (!host && producer != kNoId) segment = std::max(segment, result_.segment[producer]);
      }
      result_.segment[id] = segment;
      for (const ValueId output : node.outputs) {
        if (output == kNoId) continue;
        dims[output] = segment + (result_.data_dependent[id] ? 1 : 0);
        contents[output] = segment + (host ? 0 : 1);
      }
      result_.segment_count = std::max(result_.segment_count, segment + 1);
    }
  }

  const Graph& graph_;
  std::vector<NodeId> order_;
  std::vector<Reach> reach_;
  std::vector<bool> demanded_;
  std::vector<bool> key_;
  HostValues result_;
};

}  // namespace

HostValues classify_host_values(const Graph& graph) { return Classifier(graph).run(); }

}  // namespace bp
