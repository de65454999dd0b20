// HardSwish: x * clip(x + 3, 0, 6) / 6; and its gate alone, a HardSigmoid.
#include <utility>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

Pattern sixth_of(const Pattern& value) {
  return one_of({op("Div", {value, scalar(6)}), op("Mul", {value, scalar(1.0 / 6)})});
}

Pattern gate() { return op("Clip", {op("Add", {var("x"), scalar(3)}), scalar(0), scalar(6)}); }

Pattern swish_form() {
  return one_of({sixth_of(op("Mul", {var("x"), gate()})), op("Mul", {var("x"), sixth_of(gate())})});
}

Pattern sigmoid_form() { return sixth_of(gate()); }

bool raise_at(Graph& graph, NodeId id, const Pattern& form, Node node, PassContext& context) {
  const auto match = find_match(graph, id, form);
  if (!match) return false;
  node.inputs = {(*match)["x"]};
  raise(graph, *match, std::move(node), context);
  return true;
}

}  // namespace

Result<size_t> raise_hard_swish(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Clip"})) return size_t{0};
  Node swish;
  swish.op_type = "HardSwish";
  swish.since_version = 14;
  Node sigmoid;
  sigmoid.op_type = "HardSigmoid";
  sigmoid.since_version = 6;
  sigmoid.set_attribute("alpha", 1.0f / 6);
  sigmoid.set_attribute("beta", 0.5f);
  // The gate alone would also be found inside the whole.
  const std::pair<Pattern, const Node*> forms[] = {{swish_form(), &swish}, {sigmoid_form(), &sigmoid}};
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (const auto& [form, node] : forms) {
    for (NodeId id = 0; id < count; ++id) {
      if (graph.node(id).alive && raise_at(graph, id, form, *node, context)) ++changes;
    }
  }
  return changes;
}

}  // namespace bp::optimize_passes
