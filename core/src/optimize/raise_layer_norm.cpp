// LayerNormalization as exporters write it out: the difference from the mean over the mean square of that
// difference, with or without scale and bias.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

Pattern normalized() {
  const Pattern mean = op("ReduceMean", {var("x"), var("axes")}).as("mean");
  const Pattern difference = op("Sub", {var("x"), mean}).as("difference");
  // The difference is met twice; the first time settles which value it is.
  const Pattern square = one_of({op("Pow", {difference, scalar(2)}), op("Mul", {difference, difference})});
  const Pattern variance = op("ReduceMean", {square, var("axes2")}).as("variance");
  const Pattern deviation = op("Sqrt", {op("Add", {variance, var("epsilon")})});
  return one_of({op("Div", {difference, deviation}), op("Mul", {difference, op("Reciprocal", {deviation})}),
                 op("Mul", {difference, op("Div", {scalar(1), deviation})})});
}

// Largest first, for the plain form is part of the others.
std::vector<Pattern> forms() {
  const Pattern scaled = op("Mul", {normalized(), var("scale")});
  return {op("Add", {scaled, var("bias")}), scaled, normalized()};
}

// The first of the normalized axes when these are the last ones of x; -1 otherwise.
int64_t first_axis(const Graph& graph, const Match& match) {
  const ValueType& type = graph.value(match["x"]).type;
  if (!type.has_rank) return -1;
  const size_t rank = type.dims.size();
  const auto axes = kept_axes(graph, *producer_of(graph, match["mean"]), rank);
  if (axes.empty() || axes != kept_axes(graph, *producer_of(graph, match["variance"]), rank)) return -1;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != static_cast<int64_t>(rank - axes.size() + i)) return -1;
  }
  return axes.front();
}

// Are the dims those of the normalized part of x?
bool has_normalized_shape(const Graph& graph, ValueId value, ValueId x, int64_t axis) {
  const ValueType& type = graph.value(value).type;
  const Dims& dims = graph.value(x).type.dims;
  return type.has_rank && type.element == graph.value(x).type.element &&
         std::equal(dims.begin() + axis, dims.end(), type.dims.begin(), type.dims.end(), same_dim);
}

// The operator's scale is not optional; float32 alone is written here.
ValueId add_ones(Graph& graph, ValueId x, int64_t axis, const std::string& hint) {
  const ValueType& type = graph.value(x).type;
  const Dims dims(type.dims.begin() + axis, type.dims.end());
  const int64_t count = element_count(dims);
  constexpr int64_t kMaxOnes = 1 << 20;
  if (type.element != ElementType::kFloat32 || count < 0 || count > kMaxOnes) return kNoId;
  ConcreteDims sizes;
  for (const Dim& dim : dims) sizes.push_back(dim.size);
  const std::vector<float> ones(static_cast<size_t>(count), 1.0f);
  return add_named_constant(graph, hint, Tensor::of_float(std::move(sizes), ones));
}

bool raise_at(Graph& graph, NodeId id, const Pattern& form, PassContext& context) {
  const auto match = find_match(graph, id, form);
  if (!match) return false;
  const ValueId x = (*match)["x"];
  const int64_t axis = first_axis(graph, *match);
  const auto epsilon = fixed_scalar(graph, (*match)["epsilon"]);
  if (axis < 0 || !epsilon) return false;

  Node node;
  node.op_type = "LayerNormalization";
  node.since_version = 17;
  node.inputs = {x};
  for (const char* name : {"scale", "bias"}) {
    const auto value = match->values.find(name);
    if (value == match->values.end()) continue;
    if (!has_normalized_shape(graph, value->second, x, axis)) return false;
    node.inputs.push_back(value->second);
  }
  if (node.inputs.size() == 1) {
    const ValueId ones = add_ones(graph, x, axis, graph.node(id).name + "_scale");
    if (ones == kNoId) return false;
    node.inputs.push_back(ones);
  }
  node.set_attribute("axis", axis - static_cast<int64_t>(graph.value(x).type.dims.size()));
  node.set_attribute("epsilon", static_cast<float>(*epsilon));
  raise(graph, *match, std::move(node), context);
  return true;
}

}  // namespace

Result<size_t> raise_layer_norm(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"ReduceMean"})) return size_t{0};
  const std::vector<Pattern> patterns = forms();
  size_t changes = 0;
  const std::vector<NodeId> order = graph.topological_order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    if (!graph.node(*id).alive) continue;
    for (const Pattern& form : patterns) {
      if (!raise_at(graph, *id, form, context)) continue;
      ++changes;
      break;
    }
  }
  return changes;
}

}  // namespace bp::optimize_passes
