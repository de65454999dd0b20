// Runs the rules, outermost graph first; the later rules rely on the earlier.
#include "check/check_graph.hpp"

#include <fmt/format.h>

#include "check/rules.hpp"

namespace bp {
namespace {

const char* body_name(const Node& node, size_t index) {
  if (node.region != RegionKind::kBranch) return "body";
  return index == 0 ? "then_branch" : "else_branch";
}

template <class Rule>
void check_bodies(const Graph& graph, Problems& problems, const Rule& rule) {
  for (NodeId id = 0; id < graph.node_count() && !problems.full(); ++id) {
    const Node& node = graph.node(id);
    for (size_t i = 0; node.alive && i < node.regions.size(); ++i) {
      if (!node.regions[i]) continue;
      problems.enter(fmt::format("in '{}' of {}", body_name(node, i), node.label()));
      rule(*node.regions[i]);
      problems.leave();
    }
  }
}

void check(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems) {
  if (!check_structure(graph, problems)) return;
  check_cycles(graph, problems);
  check_regions(graph, opsets, problems);
  check_nodes(graph, opsets, problems);
  check_bodies(graph, problems, [&](const Graph& body) { check(body, opsets, problems); });
}

void check_all_types(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems) {
  check_types(graph, opsets, problems);
  check_bodies(graph, problems, [&](const Graph& body) { check_all_types(body, opsets, problems); });
}

}  // namespace

Status Problems::to_status() const {
  if (found_.empty()) return {};
  std::string text = found_[0].message();
  for (size_t i = 1; i < found_.size(); ++i) text += "\n" + found_[i].message();
  if (full()) text += fmt::format("\n(only the first {} problems are shown)", limit_);
  return {found_[0].code(), text};
}

Status check_graph(const Graph& graph) {
  Problems problems(kMaxProblems);
  check_opsets(graph, problems);
  for (const ValueId input : graph.inputs()) {
    const GraphValue& value = graph.value(input);
    if (value.type.kind == ValueKind::kUnknown) {
      problems.add(fmt::format("graph input '{}' has no type", value.name));
    }
  }
  // A version nobody knows makes every other finding a guess.
  if (problems.empty()) check(graph, graph.opsets, problems);
  return problems.to_status();
}

Status check_inferred_types(const Graph& graph) {
  Problems problems(kMaxProblems);
  check_all_types(graph, graph.opsets, problems);
  return problems.to_status();
}

}  // namespace bp
