// What infer knows of a graph, in the forms that partition, compile and execute ask for it.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "execute/executable_graph.hpp"
#include "partition/partition.hpp"
#include "provider/graph_view.hpp"

namespace bp {

NodeFacts node_facts(const Graph& graph);
void annotate_view(const Graph& graph, const NodeFacts& facts, GraphViewOptions& options);
// Keeps `graph`; settles shapes of it and its nodes' outputs.
Result<GraphFacts> graph_facts(const std::shared_ptr<const Graph>& graph);

// Annotates views of graphs that do not change any more; looks at each of them once, for there are as many
// views as partitions. [any-thread]
class ViewAnnotator {
 public:
  void annotate(const Graph& graph, GraphViewOptions& options);

 private:
  std::mutex mutex_;
  std::unordered_map<const Graph*, std::shared_ptr<const NodeFacts>> facts_;
};

}  // namespace bp
