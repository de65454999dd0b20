// Gelu: 0.5 * x * (1 + erf(x / sqrt(2))), or its approximation by tanh.
#include <string>
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

// 0.5 * x * `factor`, however it is bracketed.
Pattern half_of(const std::string& factor) {
  return pattern("[Mul(Mul(x, " + factor + "), 0.5) | Mul(Mul(x, 0.5), " + factor + ") | Mul(x, Mul(" + factor +
                 ", 0.5))]");
}

// 1.4142136 = sqrt(2)
Pattern erf_form() { return half_of("Add(Erf([Div(x, 1.4142136) | Mul(x, 0.70710678)]), 1)"); }

// 0.79788456 = sqrt(2 / pi); x + c * x^3, or x * (1 + c * x^2)
Pattern tanh_form() {
  const std::string square = "[Mul(x, x) | Pow(x, 2)]";
  const std::string sum = "Add(x, [Mul([Pow(x, 3) | Mul(x, " + square +
                          ")], 0.044715) | Mul(x, Mul(0.044715, " + square + ")) | Mul(" + square +
                          ", Mul(0.044715, x)) | Mul(x, Mul(x, Mul(x, 0.044715)))])";
  const std::string factored = "Add(Mul(" + square + ", 0.044715), 1)";
  return half_of("Add(Tanh([Mul(" + sum + ", 0.79788456) | Mul(Mul(x, 0.79788456), " + factored +
                 ") | Mul(Mul(x, " + factored + "), 0.79788456) | Mul(x, Mul(" + factored +
                 ", 0.79788456))]), 1)");
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
