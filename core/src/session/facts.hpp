// What infer knows of a graph, in the forms that partition, compile and execute ask for it.
#pragma once

#include <memory>

#include "execute/executable_graph.hpp"
#include "partition/partition.hpp"
#include "provider/graph_view.hpp"

namespace bp {

NodeFacts node_facts(const Graph& graph);
void annotate_view(const Graph& graph, GraphViewOptions& options);
// Keeps `graph`; settles shapes of it and its nodes' outputs.
Result<GraphFacts> graph_facts(const std::shared_ptr<const Graph>& graph);

}  // namespace bp
