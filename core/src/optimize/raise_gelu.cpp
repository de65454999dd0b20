// Gelu: 0.5 * x * (1 + erf(x / sqrt(2))), or its approximation by tanh.
#include <cmath>
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

// 0.5 * x * `factor`, however it is bracketed.
Pattern half_of(const Pattern& factor) {
  const Pattern x = var("x");
  const Pattern half = scalar(0.5);
  return one_of({op("Mul", {op("Mul", {x, factor}), half}), op("Mul", {op("Mul", {x, half}), factor}),
                 op("Mul", {x, op("Mul", {factor, half})})});
}

Pattern erf_form() {
  const Pattern x = var("x");
  const Pattern inner =
      one_of({op("Div", {x, scalar(std::sqrt(2.0))}), op("Mul", {x, scalar(std::sqrt(0.5))})});
  return half_of(op("Add", {op("Erf", {inner}), scalar(1)}));
}

Pattern tanh_form() {
  const Pattern x = var("x");
  const Pattern cubic = scalar(0.044715);
  const Pattern root = scalar(std::sqrt(2.0 / 3.14159265358979323846));
  const Pattern square = one_of({op("Mul", {x, x}), op("Pow", {x, scalar(2)})});
  const Pattern cube = one_of({op("Pow", {x, scalar(3)}), op("Mul", {x, square})});
  // x + c * x^3, or x * (1 + c * x^2)
  const Pattern sum =
      op("Add", {x, one_of({op("Mul", {cube, cubic}), op("Mul", {x, op("Mul", {cubic, square})}),
                            op("Mul", {square, op("Mul", {cubic, x})})})});
  const Pattern factored = op("Add", {op("Mul", {square, cubic}), scalar(1)});
  const Pattern argument =
      one_of({op("Mul", {sum, root}), op("Mul", {op("Mul", {x, root}), factored}),
              op("Mul", {op("Mul", {x, factored}), root}), op("Mul", {x, op("Mul", {factored, root})})});
  return half_of(op("Add", {op("Tanh", {argument}), scalar(1)}));
}

bool raise_at(Graph& graph, NodeId id, const Pattern& form, const char* approximate, PassContext& context) {
  const auto match = find_match(graph, id, form);
  if (!match) return false;
  Node node;
  node.op_type = "Gelu";
  node.since_version = 20;
  node.inputs = {(*match)["x"]};
  node.set_attribute("approximate", std::string(approximate));
  raise(graph, *match, std::move(node), context);
  return true;
}

}  // namespace

Result<size_t> raise_gelu(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Erf", "Tanh"})) return size_t{0};
  const Pattern erf = erf_form();
  const Pattern tanh = tanh_form();
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (!graph.node(id).alive) continue;
    if (raise_at(graph, id, erf, "none", context) || raise_at(graph, id, tanh, "tanh", context)) ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
