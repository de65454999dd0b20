// Views are made for the question and dropped with it; verdicts come back by node id.
#include "session/device_questions.hpp"

#include <algorithm>

#include "session/facts.hpp"

namespace bp {

GraphViewOptions DeviceQuestions::view_options(const Graph& graph, const NodeFacts& facts) const {
  GraphViewOptions options;
  options.canonical_level = std::min(level_, device_.device->canonical_level());
  options.ranges = ranges_;
  annotate_view(graph, facts, options);
  return options;
}

Result<std::vector<Verdict>> DeviceQuestions::query(const Graph& graph, const NodeFacts& facts) {
  auto answer = ask(graph, facts);
  if (!answer.ok()) failure_ = answer.status();
  return answer;
}

Result<std::vector<Verdict>> DeviceQuestions::ask(const Graph& graph, const NodeFacts& facts) {
  BP_ASSIGN_OR_RETURN(const auto view, GraphView::of_graph(graph, view_options(graph, facts)));
  BP_ASSIGN_OR_RETURN(std::vector<Verdict> answers, device_.device->query(*view, device_.options));
  std::vector<Verdict> verdicts(graph.node_count());
  for (size_t position = 0; position < answers.size(); ++position) {
    const NodeId id = view->nodes()[position];
    verdicts[id] = std::move(answers[position]);
    const auto refused = refused_.find(graph.node(id).name);
    if (refused == refused_.end()) continue;
    verdicts[id] = Verdict{};
    verdicts[id].reasons.push_back({ReasonCode::kOther, kNoIndex, kNoIndex, {}, refused->second});
  }
  return verdicts;
}

Result<PartitionAnswer> DeviceQuestions::query_partition(const Graph& graph, const NodeFacts& facts,
                                                         const Partition& partition) {
  BP_ASSIGN_OR_RETURN(const auto view, GraphView::of_cut(graph, partition.nodes, partition.inputs,
                                                         partition.outputs, view_options(graph, facts)));
  return device_.device->query_partition(*view, device_.options);
}

}  // namespace bp
