// Softmax written out: the exponentials of the differences from the maximum over their sum.
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

constexpr const char* kWrittenOut =
    "Div(power=Exp(Sub(x, largest=ReduceMax(x, axes))), sum=ReduceSum(power, axes2))";

bool raise_at(Graph& graph, NodeId id, const Pattern& form, PassContext& context) {
  const auto match = find_match(graph, id, form);
  if (!match) return false;
  const ValueType& type = graph.value((*match)["x"]).type;
  if (!type.has_rank) return false;
  const auto axes = kept_axes(graph, *producer_of(graph, (*match)["largest"]), type.dims.size());
  if (axes.size() != 1 || axes != kept_axes(graph, *producer_of(graph, (*match)["sum"]), type.dims.size())) {
    return false;
  }
  if (axes[0] < 0 || axes[0] >= static_cast<int64_t>(type.dims.size())) return false;
  Node node;
  node.op_type = "Softmax";
  node.since_version = 13;
  node.inputs = {(*match)["x"]};
  node.set_attribute("axis", axes[0]);
  raise(graph, *match, std::move(node), context);
  return true;
}

}  // namespace

Result<size_t> raise_softmax(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"ReduceMax"})) return size_t{0};
  const Pattern form = pattern(kWrittenOut);
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (graph.node(id).alive && raise_at(graph, id, form, context)) ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
