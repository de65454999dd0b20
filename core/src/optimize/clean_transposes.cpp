// Transposes: two in a row become one; one below an element-wise, Concat, Pad or reduction node moves
// behind it, towards the inverse that often follows (models converted from channels-last formats are
// full of such pairs), and one that feeds a Gemm becomes a flag of it. A transpose moves only when it
// is not needed elsewhere, so their number never grows; they move down only, so it ends.
#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

using Perm = std::vector<int64_t>;

constexpr std::array<std::string_view, 37> kUnary = {
    "Abs",   "Acos",           "Acosh",       "Asin",      "Asinh",
    "Atan",  "Atanh",          "Cast",        "Ceil",      "Celu",
    "Cos",   "Cosh",           "Elu",         "Erf",       "Exp",
    "Floor", "Gelu",           "HardSigmoid", "HardSwish", "LeakyRelu",
    "Log",   "Mish",           "Neg",         "Not",       "Reciprocal",
    "Relu",  "Round",          "Selu",        "Sigmoid",   "Sign",
    "Sin",   "Sinh",           "Softplus",    "Softsign",  "Sqrt",
    "Tanh",  "ThresholdedRelu"};
// Further inputs broadcast against the first. Clip's bounds are scalars and so count as constants.
constexpr std::array<std::string_view, 16> kBroadcasting = {
    "Add",  "Sub",  "Mul",   "Div",     "Pow",  "PRelu",          "Max",        "Min", "Sum",
    "Mean", "Clip", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"};
constexpr std::array<std::string_view, 5> kReductions = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin",
                                                         "ReduceL2"};

template <size_t N>
bool is_one_of(const Node& node, const std::array<std::string_view, N>& list) {
  return node.domain.empty() && std::find(list.begin(), list.end(), node.op_type) != list.end();
}

// Element i of the result is dims[perm[i]].
Dims permuted(const Dims& dims, const Perm& perm) {
  Dims result;
  for (const int64_t axis : perm) result.push_back(dims[static_cast<size_t>(axis)]);
  return result;
}

Perm inverse(const Perm& perm) {
  Perm result(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) result[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return result;
}

Node transpose_node(ValueId input, const Perm& perm) {
  Node node;
  node.op_type = "Transpose";
  node.since_version = 21;
  node.inputs = {input};
  node.set_attribute("perm", perm);
  return node;
}

class TransposeCleanup {
 public:
  TransposeCleanup(Graph& graph, PassContext& context) : graph_(graph), context_(context) {}

  size_t run() {
    size_t changes = 0;
    for (const NodeId id : graph_.topological_order()) {
      if (!graph_.node(id).alive) continue;
      if (merge(id) || sink(id) || absorb_in_gemm(id)) ++changes;
    }
    return changes;
  }

 private:
  // A Transpose of `value` that can be taken away from it: nobody else reads its result.
  std::optional<Perm> movable(ValueId value) const {
    if (value == kNoId || !has_single_use(graph_, value)) return std::nullopt;
    std::optional<Perm> perm = transpose_perm(graph_, producer_of(graph_, value));
    const ValueType& type = graph_.value(value).type;
    if (!perm || !type.has_rank || type.dims.size() != perm->size()) return std::nullopt;
    return perm;
  }

  // Transpose(Transpose(x)): the second reads x through both permutations.
  bool merge(NodeId id) {
    const std::optional<Perm> second = transpose_perm(graph_, &graph_.node(id));
    if (!second) return false;
    const ValueId middle = graph_.node(id).inputs[0];
    const Node* first_node = producer_of(graph_, middle);
    const std::optional<Perm> first = transpose_perm(graph_, first_node);
    if (!first || first->size() != second->size()) return false;
    Perm both;
    for (const int64_t axis : *second) both.push_back((*first)[static_cast<size_t>(axis)]);
    context_.changed(graph_.node(id).name);
    const ValueId source = first_node->inputs[0];
    const NodeId inner = graph_.value(middle).producer;
    graph_.set_node_input(id, 0, source);
    graph_.node(id).set_attribute("perm", both);
    if (is_unused(graph_, middle)) graph_.remove_node(inner);
    return true;
  }

  bool sink(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.outputs.size() != 1 || node.inputs.empty()) return false;
    if (is_one_of(node, kUnary)) {
      const std::optional<Perm> perm = movable(node.inputs[0]);
      return perm && move_behind(id, *perm, *perm);
    }
    if (is_one_of(node, kBroadcasting)) return sink_through_broadcast(id);
    if (is_op(node, "Concat")) return sink_through_concat(id);
    if (is_one_of(node, kReductions)) return sink_through_reduction(id);
    if (is_op(node, "Pad")) return sink_through_pad(id);
    return false;
  }

  // Inputs that are transposed alike move; constants of one element need nothing. When no second
  // input is transposed, the count of transposes stays the same.
  bool sink_through_broadcast(NodeId id) {
    const Node& node = graph_.node(id);
    std::optional<Perm> perm;
    for (const ValueId input : node.inputs) {
      if (input == kNoId || is_single_element(input)) continue;
      const std::optional<Perm> own = movable(input);
      if (!own || (perm && *perm != *own)) return false;
      perm = own;
    }
    return perm && move_behind(id, *perm, *perm);
  }

  bool is_single_element(ValueId value) const {
    const ValueType& type = graph_.value(value).type;
    return is_fixed(graph_, value) && type.has_rank && element_count(type.dims) == 1 && type.dims.size() <= 1;
  }

  bool sink_through_concat(NodeId id) {
    const Node& node = graph_.node(id);
    std::optional<Perm> perm;
    for (const ValueId input : node.inputs) {
      const std::optional<Perm> own = movable(input);
      if (!own || (perm && *perm != *own)) return false;
      perm = own;
    }
    const auto axis = normalized(node.int_or("axis", 0), perm->size());
    if (!axis) return false;
    const int64_t moved = (*perm)[*axis];
    if (!move_behind(id, *perm, *perm)) return false;
    graph_.node(id).set_attribute("axis", moved);
    return true;
  }

  bool sink_through_reduction(NodeId id) {
    const Node& node = graph_.node(id);
    const std::optional<Perm> perm = movable(node.inputs[0]);
    const auto axes = fixed_ints(graph_, input_at(node, 1));
    if (!perm || !axes || axes->empty()) return false;
    std::vector<bool> reduced(perm->size(), false);
    for (const int64_t axis : *axes) {
      const auto place = normalized(axis, perm->size());
      if (!place) return false;
      reduced[*place] = true;
    }
    // The axes before the transpose, and the permutation of those that stay.
    std::vector<int64_t> source_axes;
    Perm kept;
    for (size_t i = 0; i < perm->size(); ++i) {
      if (reduced[i]) source_axes.push_back((*perm)[i]);
      if (!reduced[i] || node.int_or("keepdims", 1) != 0) kept.push_back((*perm)[i]);
    }
    std::sort(source_axes.begin(), source_axes.end());
    Perm ranks = kept;
    std::sort(ranks.begin(), ranks.end());
    for (int64_t& axis : kept) {
      axis = std::lower_bound(ranks.begin(), ranks.end(), axis) - ranks.begin();
    }
    const auto count = static_cast<int64_t>(source_axes.size());
    const std::string hint = node.name + "_axes";
    if (!move_behind(id, *perm, kept)) return false;
    graph_.set_node_input(id, 1, add_named_constant(graph_, hint, Tensor::of_int64({count}, source_axes)));
    return true;
  }

  bool sink_through_pad(NodeId id) {
    const Node& node = graph_.node(id);
    const std::optional<Perm> perm = movable(node.inputs[0]);
    const auto pads = fixed_ints(graph_, input_at(node, 1));
    if (!perm || !pads || input_at(node, 3) != kNoId || pads->size() != 2 * perm->size()) return false;
    const size_t rank = perm->size();
    std::vector<int64_t> moved(2 * rank);
    for (size_t i = 0; i < rank; ++i) {
      const auto axis = static_cast<size_t>((*perm)[i]);
      moved[axis] = (*pads)[i];
      moved[rank + axis] = (*pads)[rank + i];
    }
    const std::string hint = node.name + "_pads";
    if (!move_behind(id, *perm, *perm)) return false;
    const ValueId constant =
        add_named_constant(graph_, hint, Tensor::of_int64({static_cast<int64_t>(moved.size())}, moved));
    graph_.set_node_input(id, 1, constant);
    return true;
  }

  // Takes the transpose off every input of `id` that has one, and transposes the output instead.
  // `perm` is the inputs' permutation, `output_perm` the output's.
  bool move_behind(NodeId id, const Perm& perm, const Perm& output_perm) {
    const ValueId output = graph_.node(id).outputs[0];
    const ValueType type = graph_.value(output).type;
    if (!type.has_rank || type.dims.size() != output_perm.size()) return false;
    for (size_t i = 0; i < graph_.node(id).inputs.size(); ++i) {
      const ValueId input = graph_.node(id).inputs[i];
      const std::optional<Perm> own = movable(input);
      if (!own || *own != perm) continue;
      const NodeId transpose = graph_.value(input).producer;
      graph_.set_node_input(id, i, graph_.node(transpose).inputs[0]);
      graph_.remove_node(transpose);
    }
    ValueType inner = type;
    inner.dims = permuted(type.dims, inverse(output_perm));
    const std::string name = graph_.value(output).name;
    const ValueId before = graph_.add_value(graph_.unused_value_name(name), std::move(inner));
    context_.changed(graph_.node(id).name);
    graph_.set_node_output(id, 0, before);
    Node transpose = transpose_node(before, output_perm);
    transpose.name = graph_.node(id).name + "_transpose";
    transpose.outputs = {output};
    graph_.add_node(std::move(transpose));
    return true;
  }

  bool absorb_in_gemm(NodeId id) {
    if (!is_op(graph_.node(id), "Gemm")) return false;
    bool changed = false;
    for (size_t i = 0; i < 2; ++i) {
      const ValueId input = graph_.node(id).inputs[i];
      const std::optional<Perm> perm = movable(input);
      if (!perm || *perm != Perm{1, 0}) continue;
      const char* flag = i == 0 ? "transA" : "transB";
      const NodeId transpose = graph_.value(input).producer;
      const int64_t flipped = graph_.node(id).int_or(flag, 0) == 0 ? 1 : 0;
      graph_.set_node_input(id, i, graph_.node(transpose).inputs[0]);
      graph_.node(id).set_attribute(flag, flipped);
      graph_.remove_node(transpose);
      changed = true;
    }
    if (changed) context_.changed(graph_.node(id).name);
    return changed;
  }

  static std::optional<size_t> normalized(int64_t axis, size_t rank) {
    const auto signed_rank = static_cast<int64_t>(rank);
    if (axis < 0) axis += signed_rank;
    if (axis < 0 || axis >= signed_rank) return std::nullopt;
    return static_cast<size_t>(axis);
  }

  Graph& graph_;
  PassContext& context_;
};

}  // namespace

Result<size_t> clean_transposes(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Transpose"})) return size_t{0};
  return TransposeCleanup(graph, context).run();
}

}  // namespace bp::optimize_passes
