#include "partition/groups.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace bp::partitioning {

bool ends_segment(const Graph& graph, const Group& group, const NodeFacts& facts) {
  return std::any_of(group.nodes.begin(), group.nodes.end(), [&](NodeId id) {
    if (facts.data_dependent[id]) return true;
    const std::vector<ValueId>& outputs = graph.node(id).outputs;
    return std::any_of(outputs.begin(), outputs.end(),
                       [&](ValueId output) { return output != kNoId && facts.read_back[output]; });
  });
}

std::vector<Group> make_groups(const Graph& graph, const std::vector<NodeId>& order, const Ownership& ownership,
                               const NodeFacts& facts) {
  const std::vector<uint32_t> stages = assign_stages(graph, order, ownership, facts);
  struct Keyed {
    uint32_t stage;
    bool ends;
    size_t position;
    Group group;
  };
  std::vector<Keyed> groups;
  std::unordered_map<uint64_t, size_t> index;  // stage and owner
  for (const NodeId id : order) {
    const uint32_t owner = ownership.owner[id];
    if (owner == kHostOwner) continue;
    if (owner == kCoreOwner) {
      groups.push_back({stages[id], false, groups.size(), {owner, {id}}});
      continue;
    }
    const uint64_t key = (uint64_t{stages[id]} << 32) | owner;
    const auto [entry, is_new] = index.emplace(key, groups.size());
    if (is_new) groups.push_back({stages[id], false, groups.size(), {owner, {}}});
    groups[entry->second].group.nodes.push_back(id);
  }
  for (Keyed& keyed : groups) keyed.ends = ends_segment(graph, keyed.group, facts);
  std::sort(groups.begin(), groups.end(), [](const Keyed& a, const Keyed& b) {
    return std::tie(a.stage, a.ends, a.position) < std::tie(b.stage, b.ends, b.position);
  });
  std::vector<Group> result;
  for (Keyed& keyed : groups) result.push_back(std::move(keyed.group));
  return result;
}

Partition PartitionMaker::make(const Group& group) {
  Partition partition;
  partition.device = group.owner;
  partition.nodes = group.nodes;
  ++calls_;
  for (const NodeId id : group.nodes) inside_[id] = calls_;
  for (const NodeId id : group.nodes) {
    for (const ValueId input : graph_.node(id).inputs) {
      if (input == kNoId || seen_[input] == calls_) continue;
      seen_[input] = calls_;
      const GraphValue& value = graph_.value(input);
      const bool is_fixed = value.constant != nullptr && !value.is_input;
      const bool is_made_here = value.producer != kNoId && inside_[value.producer] == calls_;
      if (!is_fixed && !is_made_here) partition.inputs.push_back(input);
    }
    for (const ValueId output : graph_.node(id).outputs) {
      if (output == kNoId) continue;
      const GraphValue& value = graph_.value(output);
      const bool leaves = value.is_output || std::any_of(value.consumers.begin(), value.consumers.end(),
                                                         [&](NodeId user) { return inside_[user] != calls_; });
      if (leaves) partition.outputs.push_back(output);
    }
  }
  return partition;
}

}  // namespace bp::partitioning
