#include "optimize/rewrite.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

namespace bp::optimize_passes {

bool is_op(const Node& node, std::string_view op_type) {
  return node.op_type == op_type && node.domain.empty();
}

bool has_any_op(const Graph& graph, std::initializer_list<std::string_view> op_types) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.alive && node.domain.empty() &&
        std::find(op_types.begin(), op_types.end(), node.op_type) != op_types.end()) {
      return true;
    }
  }
  return false;
}

ValueId input_at(const Node& node, size_t index) {
  return index < node.inputs.size() ? node.inputs[index] : kNoId;
}

ValueId output_at(const Node& node, size_t index) {
  return index < node.outputs.size() ? node.outputs[index] : kNoId;
}

bool is_fixed(const Graph& graph, ValueId value) {
  if (value == kNoId) return false;
  const GraphValue& v = graph.value(value);
  return v.constant != nullptr && !v.is_input;
}

const Tensor* fixed_tensor(const Graph& graph, ValueId value) {
  return is_fixed(graph, value) ? graph.value(value).constant.get() : nullptr;
}

std::optional<std::vector<int64_t>> fixed_ints(const Graph& graph, ValueId value) {
  const Tensor* tensor = fixed_tensor(graph, value);
  if (tensor == nullptr) return std::nullopt;
  std::vector<int64_t> ints = tensor->to_int64();
  if (static_cast<int64_t>(ints.size()) != tensor->count()) return std::nullopt;  // not integers
  return ints;
}

std::optional<double> fixed_scalar(const Graph& graph, ValueId value) {
  const Tensor* tensor = fixed_tensor(graph, value);
  if (tensor == nullptr || tensor->count() != 1) return std::nullopt;
  if (tensor->type == ElementType::kFloat32 && tensor->bytes.size() == sizeof(float)) {
    float number = 0;
    std::memcpy(&number, tensor->bytes.data(), sizeof number);
    return static_cast<double>(number);
  }
  if (tensor->type == ElementType::kFloat64 && tensor->bytes.size() == sizeof(double)) {
    double number = 0;
    std::memcpy(&number, tensor->bytes.data(), sizeof number);
    return number;
  }
  return std::nullopt;
}

bool has_single_use(const Graph& graph, ValueId value) {
  const GraphValue& v = graph.value(value);
  return !v.is_output && v.consumers.size() == 1;
}

bool is_unused(const Graph& graph, ValueId value) {
  if (value == kNoId) return true;
  const GraphValue& v = graph.value(value);
  return !v.is_output && v.consumers.empty();
}

const Node* producer_of(const Graph& graph, ValueId value) {
  if (value == kNoId) return nullptr;
  const NodeId producer = graph.value(value).producer;
  return producer == kNoId ? nullptr : &graph.node(producer);
}

std::optional<std::vector<int64_t>> transpose_perm(const Graph& graph, const Node* node) {
  if (node == nullptr || !is_op(*node, "Transpose") || input_at(*node, 0) == kNoId) return std::nullopt;
  std::vector<int64_t> perm;
  if (const std::vector<int64_t>* given = node->ints("perm")) {
    perm = *given;
    std::vector<bool> seen(perm.size(), false);
    for (const int64_t axis : perm) {
      if (axis < 0 || axis >= static_cast<int64_t>(perm.size()) || seen[static_cast<size_t>(axis)]) {
        return std::nullopt;
      }
      seen[static_cast<size_t>(axis)] = true;
    }
    return perm;
  }
  const ValueType& type = graph.value(node->inputs[0]).type;
  if (!type.has_rank) return std::nullopt;
  perm.resize(type.dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  return perm;
}

bool same_dim(const Dim& a, const Dim& b) {
  if (a.known() || b.known()) return a.size == b.size;
  return a.symbol != 0 && a.symbol == b.symbol;
}

bool same_tensor_type(const ValueType& a, const ValueType& b) {
  return a.is_tensor() && b.is_tensor() && a.element == b.element && a.element != ElementType::kUndefined &&
         a.has_rank && b.has_rank &&
         std::equal(a.dims.begin(), a.dims.end(), b.dims.begin(), b.dims.end(), same_dim);
}

std::optional<std::vector<int64_t>> reshape_operand(const ValueType& source, const ValueType& target) {
  if (!target.has_rank || !source.has_rank) return std::nullopt;
  std::vector<int64_t> shape;
  bool has_open = false;
  bool may_be_empty = false;  // with a dim of size 0, -1 has no answer
  for (size_t i = 0; i < target.dims.size(); ++i) {
    const Dim& dim = target.dims[i];
    if (dim.size == 0) return std::nullopt;
    if (dim.known()) {
      shape.push_back(dim.size);
    } else if (i < source.dims.size() && same_dim(dim, source.dims[i])) {
      shape.push_back(0);
      may_be_empty = true;
    } else {
      if (has_open) return std::nullopt;
      shape.push_back(-1);
      has_open = true;
    }
  }
  if (has_open && may_be_empty) return std::nullopt;
  return shape;
}

namespace {

// What is known of one value holds for the other too, once they are the same.
void merge_type(ValueType& into, const ValueType& from) {
  if (into.kind == ValueKind::kUnknown) {
    into = from;
    return;
  }
  if (!into.is_tensor() || !from.is_tensor()) return;
  if (into.element == ElementType::kUndefined) into.element = from.element;
  if (!from.has_rank) return;
  if (!into.has_rank) {
    into.has_rank = true;
    into.dims = from.dims;
    return;
  }
  if (into.dims.size() != from.dims.size()) return;
  for (size_t i = 0; i < into.dims.size(); ++i) {
    if (!into.dims[i].known() && (from.dims[i].known() || into.dims[i].symbol == 0)) {
      into.dims[i] = from.dims[i];
    }
  }
}

}  // namespace

bool bypass(Graph& graph, NodeId node, ValueId source) {
  const ValueId result = graph.node(node).outputs[0];
  if (!graph.value(result).is_output) {
    merge_type(graph.value(source).type, graph.value(result).type);
    graph.replace_uses(result, source);
    graph.remove_node(node);
    return true;
  }
  const GraphValue& from = graph.value(source);
  if (from.producer == kNoId || from.is_input || from.is_output) return false;
  const NodeId producer = from.producer;
  const std::vector<ValueId>& outputs = graph.node(producer).outputs;
  const auto slot = static_cast<size_t>(std::find(outputs.begin(), outputs.end(), source) - outputs.begin());
  merge_type(graph.value(result).type, from.type);
  graph.remove_node(node);
  graph.replace_uses(source, result);
  graph.set_node_output(producer, slot, result);
  return true;
}

void absorb(Graph& graph, NodeId kept, NodeId removed) {
  const std::vector<std::string> origin = graph.node(removed).origin;
  const ValueId before = graph.node(kept).outputs[0];
  const ValueId output = graph.node(removed).outputs[0];
  graph.remove_node(removed);
  graph.value(output).type = graph.value(before).type;
  graph.set_node_output(kept, 0, output);
  Node& node = graph.node(kept);
  node.origin.insert(node.origin.end(), origin.begin(), origin.end());
}

ValueId add_simple_node(Graph& graph, Node node, std::string_view hint, ValueType type) {
  std::string name = graph.unused_value_name(hint);
  if (node.name.empty()) node.name = name;
  const ValueId output = graph.add_value(std::move(name), std::move(type));
  node.outputs = {output};
  graph.add_node(std::move(node));
  return output;
}

void make_constant(Graph& graph, ValueId value, TensorPtr tensor) {
  Dims dims;
  for (const int64_t size : tensor->dims) dims.push_back(Dim::of(size));
  graph.value(value).type = ValueType::tensor(tensor->type, std::move(dims));
  graph.set_constant(value, std::move(tensor));
}

ValueId add_named_constant(Graph& graph, std::string_view hint, TensorPtr tensor) {
  return graph.add_constant(graph.unused_value_name(hint), std::move(tensor));
}

}  // namespace bp::optimize_passes
