// A device made of a rule, and hooks for graphs without host values.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "graph/subgraph.hpp"
#include "partition/partition.hpp"

namespace bp::test {

class FakeDevice : public DeviceQuery {
 public:
  using Rule = std::function<Verdict(const Graph&, const Node&)>;
  using PartitionRule = std::function<Result<PartitionAnswer>(const Graph&)>;

  FakeDevice(std::string name, Rule rule) : name_(std::move(name)), rule_(std::move(rule)) {}
  // Takes these operators, "*" is every one.
  FakeDevice(std::string name, std::vector<std::string> ops)
      : FakeDevice(std::move(name), [ops = std::move(ops)](const Graph&, const Node& node) {
          for (const std::string& op : ops) {
            if (op == "*" || op == node.op_type) return yes();
          }
          return no(ReasonCode::kOperator, "no " + node.op_type);
        }) {}

  std::string name() const override { return name_; }
  int32_t canonical_level() const override { return level; }
  bool works_in_host_memory() const override { return host_memory; }
  Result<std::vector<Verdict>> query(const Graph& graph, const NodeFacts&) override {
    ++queries;
    if (!query_error.ok()) return query_error;
    std::vector<Verdict> verdicts(graph.node_count());
    for (NodeId id = 0; id < graph.node_count(); ++id) {
      if (graph.node(id).alive) verdicts[id] = rule_(graph, graph.node(id));
    }
    return verdicts;
  }
  Result<PartitionAnswer> query_partition(const Graph& graph, const NodeFacts&,
                                          const Partition& partition) override {
    const CutGraph cut_nodes = cut_graph(graph, partition.nodes);
    const Graph& cut = *cut_nodes.graph;
    asked_partitions.push_back(cut.node_count());
    return partition_rule ? partition_rule(cut) : PartitionAnswer{};
  }

  static Verdict yes(int64_t cost_ns = -1) {
    Verdict verdict;
    verdict.supported = true;
    verdict.cost_ns = cost_ns;
    return verdict;
  }
  static Verdict no(ReasonCode code, std::string text) {
    Verdict verdict;
    verdict.reasons.emplace_back();
    verdict.reasons.back().code = code;
    verdict.reasons.back().text = std::move(text);
    return verdict;
  }

  int32_t level = 22;
  bool host_memory = true;
  Status query_error;
  PartitionRule partition_rule;
  int queries = 0;
  std::vector<size_t> asked_partitions;

 private:
  std::string name_;
  Rule rule_;
};

// Host nodes are those whose operator is "Host", data-dependent ones "Data".
inline PartitionHooks plain_hooks() {
  PartitionHooks hooks;
  hooks.classify = [](const Graph& graph) -> Result<NodeFacts> {
    NodeFacts facts;
    facts.on_host.resize(graph.node_count());
    facts.data_dependent.resize(graph.node_count());
    facts.read_back.resize(graph.value_count());
    for (NodeId id = 0; id < graph.node_count(); ++id) {
      facts.on_host[id] = graph.node(id).op_type == "Host";
      facts.data_dependent[id] = graph.node(id).op_type == "Data";
    }
    return facts;
  };
  return hooks;
}

}  // namespace bp::test
