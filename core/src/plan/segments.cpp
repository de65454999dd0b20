// Every node gets a stage: the number of times that a run must stop and look before its shapes are known.
// Nodes of one stage form a segment; core nodes follow the partitions of their stage, one segment each.
#include "plan/segments.hpp"

#include <algorithm>
#include <map>

namespace bp {
namespace {

constexpr uint32_t kNoStage = 0xFFFFFFFFu;

class Cutter {
 public:
  Cutter(const PartitionedGraph& partitioned, const ShapeFacts& facts)
      : partitioned_(partitioned), graph_(*partitioned.graph), facts_(facts) {}

  Status cut(std::vector<Segment>& segments) {
    stage_.assign(graph_.node_count(), 0);
    order_ = graph_.topological_order();
    BP_RETURN_IF_ERROR(assign_stages());
    group(segments);
    connect(segments);
    return {};
  }

 private:
  bool is_host(NodeId id) const { return partitioned_.decisions[id].placement == Placement::kHost; }

  // The stage from which the dims, and where needed the contents, of `value` are known.
  uint32_t known_from(ValueId id) const {
    const NodeId producer = graph_.value(id).producer;
    if (producer == kNoId) return 0;
    const bool data_dependent = producer < facts_.data_dependent.size() && facts_.data_dependent[producer];
    const bool later =
        graph_.node(producer).runs_in_core() || data_dependent || (!is_host(producer) && is_key(id));
    return later ? stage_[producer] + 1 : stage_[producer];
  }
  bool is_key(ValueId id) const { return id < facts_.key_value.size() && facts_.key_value[id]; }

  // Dims flow along all edges, so nodes are staged in topological order; a partition is of the latest stage
  // among its nodes. It was cut so that one round is enough; raising it again is allowed for as long as it
  // ends.
  Status assign_stages() {
    for (uint32_t round = 0; round <= partitioned_.partitions.size() + 1; ++round) {
      bool changed = false;
      const auto raise = [&](NodeId id, uint32_t stage) {
        changed = changed || stage_[id] < stage;
        stage_[id] = std::max(stage_[id], stage);
      };
      for (const NodeId id : order_)
        for (const ValueId input : graph_.node(id).inputs)
          if (input != kNoId) raise(id, known_from(input));
      for (const Partition& partition : partitioned_.partitions) {
        uint32_t stage = 0;
        for (const NodeId node : partition.nodes) stage = std::max(stage, stage_[node]);
        for (const NodeId node : partition.nodes) raise(node, stage);
      }
      if (!changed) return all_placed();
    }
    return {ErrorCode::kInternal, "plan: partitions wait for each other's results"};
  }

  Status all_placed() const {
    for (const NodeId id : order_) {
      const Decision& decision = partitioned_.decisions[id];
      if (decision.placement == Placement::kDevice && decision.partition >= partitioned_.partitions.size())
        return misfit(id);
    }
    return {};
  }

  Status misfit(NodeId id) const {
    return {ErrorCode::kInternal, "plan: " + graph_.node(id).label() + " is in no partition"};
  }

  void group(std::vector<Segment>& segments) {
    std::map<uint32_t, Segment> plain;
    std::map<uint32_t, std::vector<NodeId>> core;
    plain[0];
    for (const NodeId id : order_) {
      if (graph_.node(id).runs_in_core())
        core[stage_[id]].push_back(id);
      else
        plain[stage_[id]].nodes.push_back(id);
    }
    for (const Item& item : partitioned_.items)
      if (!item.is_core) {
        const NodeId first = partitioned_.partitions[item.index].nodes.front();
        plain[stage_[first]].partitions.push_back(item.index);
      }
    for (const auto& [stage, nodes] : core) plain[stage];
    segment_of_.assign(graph_.node_count(), 0);
    for (auto& [stage, segment] : plain) {
      const bool empty = segment.nodes.empty() && stage > 0;
      for (const NodeId id : segment.nodes) segment_of_[id] = static_cast<uint32_t>(segments.size());
      if (!empty) segments.push_back(std::move(segment));
      for (const NodeId id : core[stage]) {
        segment_of_[id] = static_cast<uint32_t>(segments.size());
        Segment alone;
        alone.core_node = id;
        alone.nodes = {id};
        segments.push_back(std::move(alone));
      }
    }
  }

  // Which values cross from segment to segment.
  void connect(std::vector<Segment>& segments) const {
    std::vector<uint32_t> seen(graph_.value_count(), kNoStage);
    std::vector<bool> needed(graph_.value_count(), false);
    for (const ValueId output : graph_.outputs()) needed[output] = true;
    for (uint32_t index = 0; index < segments.size(); ++index) {
      Segment& segment = segments[index];
      for (const NodeId id : segment.nodes)
        for (const ValueId input : graph_.node(id).inputs) {
          if (input == kNoId || seen[input] == index) continue;
          const GraphValue& value = graph_.value(input);
          const bool enters = value.producer == kNoId ? value.constant == nullptr || value.is_input
                                                      : segment_of_[value.producer] != index;
          if (!enters) continue;
          seen[input] = index;
          needed[input] = true;
          segment.inputs.push_back(input);
          // Host values of earlier segments: programs are specialized for their contents.
          const bool from_host = value.producer != kNoId && is_host(value.producer);
          if ((is_key(input) || from_host) && !segment.is_core()) segment.key_values.push_back(input);
        }
    }
    for (Segment& segment : segments)
      for (const NodeId id : segment.nodes)
        for (const ValueId output : graph_.node(id).outputs)
          if (output != kNoId && needed[output]) segment.outputs.push_back(output);
  }

  const PartitionedGraph& partitioned_;
  const Graph& graph_;
  const ShapeFacts& facts_;
  std::vector<NodeId> order_;
  std::vector<uint32_t> stage_;       // by NodeId
  std::vector<uint32_t> segment_of_;  // by NodeId
};

}  // namespace

Result<ExecutionPlan> plan_segments(std::shared_ptr<const PartitionedGraph> graph, const ShapeFacts& facts) {
  ExecutionPlan plan;
  plan.graph = std::move(graph);
  BP_RETURN_IF_ERROR(Cutter(*plan.graph, facts).cut(plan.segments));
  return plan;
}

}  // namespace bp
