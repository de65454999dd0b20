// Refuses what is no model: the graph's own rules (single assignment, names, nothing dangling, no cycles,
// imports, bodies that fit their node), then every node against its operator's signature. It changes nothing.
// Operators of domains outside the standard pass: providers may know them.
#pragma once

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// The error lists the problems found (at most kMaxProblems), one a line, each with node and place.
inline constexpr size_t kMaxProblems = 20;
Status check_graph(const Graph& graph);
// The same for types that show only once they are inferred: every node's values against its operator's
// signature.
Status check_inferred_types(const Graph& graph);

}  // namespace bp
