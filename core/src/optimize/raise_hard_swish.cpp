// HardSwish, x * clip(x + 3, 0, 6) / 6, and HardSigmoid with the same numbers, however they are bracketed.
#include <cmath>
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

constexpr float kSixth = 1.0F / 6.0F;

constexpr const char* kSwish =
    "[Div(Mul(x, Clip(Add(x, 3), 0, 6)), 6) | Mul(Mul(x, Clip(Add(x, 3), 0, 6)), 0.1666667) |"
    " Mul(x, Div(Clip(Add(x, 3), 0, 6), 6)) | Mul(x, Mul(Clip(Add(x, 3), 0, 6), 0.1666667)) |"
    " Mul([Div(x, 6) | Mul(x, 0.1666667)], Clip(Add(x, 3), 0, 6)) | Mul(x, gate=HardSigmoid(x))]";
constexpr const char* kGate = "[Div(Clip(Add(x, 3), 0, 6), 6) | Mul(Clip(Add(x, 3), 0, 6), 0.1666667)]";

bool has_right_gate(const Graph& graph, const Match& match) {
  const auto found = match.values.find("gate");
  if (found == match.values.end()) return true;
  const Node& gate = *producer_of(graph, found->second);
  return std::abs(gate.float_or("alpha", 0.2F) - kSixth) < 1e-6F && gate.float_or("beta", 0.5F) == 0.5F;
}

bool raise_at(Graph& graph, NodeId id, const Pattern& form, bool is_swish, PassContext& context) {
  const auto match = find_match(graph, id, form);
  if (!match || !has_right_gate(graph, *match)) return false;
  Node node;
  node.op_type = is_swish ? "HardSwish" : "HardSigmoid";
  node.since_version = is_swish ? 14 : 6;
  node.inputs = {(*match)["x"]};
  if (!is_swish) {
    node.set_attribute("alpha", kSixth);
    node.set_attribute("beta", 0.5F);
  }
  raise(graph, *match, std::move(node), context);
  return true;
}

size_t raise_all(Graph& graph, const Pattern& form, bool is_swish, PassContext& context) {
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (graph.node(id).alive && raise_at(graph, id, form, is_swish, context)) ++changes;
  }
  return changes;
}

}  // namespace

Result<size_t> raise_hard_swish(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Clip", "HardSigmoid"})) return size_t{0};
  // The larger first: the gate is part of it.
  const size_t swishes = raise_all(graph, pattern(kSwish), true, context);
  return swishes + raise_all(graph, pattern(kGate), false, context);
}

}  // namespace bp::optimize_passes
