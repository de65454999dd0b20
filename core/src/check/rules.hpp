// The rules over one graph; check_graph.cpp runs them over the main graph and every body.
#pragma once

#include <span>

#include "check/problems.hpp"
#include "graph/graph.hpp"

namespace bp {

// Ids in range, names unique, one definition per value, nothing used that is not defined.
// False: ids are wrong, and no other rule may look at the graph.
bool check_structure(const Graph& graph, Problems& problems);
// Names the nodes of a cycle.
void check_cycles(const Graph& graph, Problems& problems);
// Bodies have the inputs, outputs and captures that their node calls for.
void check_regions(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems);
// Imports of the main graph: known versions.
void check_opsets(const Graph& graph, Problems& problems);
// Every node's domain is imported, and the node fits its operator's signature.
void check_nodes(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems);
// Every node's values have types that its operator takes.
void check_types(const Graph& graph, std::span<const OpsetImport> opsets, Problems& problems);

}  // namespace bp
