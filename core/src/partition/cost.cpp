// Choosing by cost. Node by node first; then whole groups move where the copies that they cause cost
// more than they gain, which is what keeps islands too small to pay from forming.
#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "partition/choice.hpp"

namespace bp::partitioning {
namespace {

constexpr int kMaxRounds = 4;

class CostChoice {
 public:
  CostChoice(const Graph& graph, const std::vector<NodeId>& order, const NodeFacts& facts,
             const Verdicts& verdicts, std::span<DeviceQuery* const> devices, const PartitionOptions& options)
      : graph_(graph), order_(order), facts_(facts), verdicts_(verdicts), options_(options) {
    for (DeviceQuery* device : devices) in_host_memory_.push_back(device->works_in_host_memory());
  }

  std::vector<uint32_t> run() {
    owner_ = choose_in_order(graph_, facts_, verdicts_);
    for (const NodeId id : order_) {
      if (is_device(owner_[id])) owner_[id] = cheapest(id);
    }
    for (int round = 0; round < kMaxRounds && move_groups(); ++round) {
    }
    return owner_;
  }

 private:
  bool is_device(uint32_t owner) const { return owner < verdicts_.size(); }

  uint32_t cheapest(NodeId id) const {
    uint32_t best = owner_[id];
    for (uint32_t d = 0; d < verdicts_.size(); ++d) {
      const Verdict& verdict = verdicts_[d][id];
      if (!verdict.supported) continue;
      if (verdict.cost_ns < 0) return owner_[id];  // not comparable: the order decides
      if (verdict.cost_ns < verdicts_[best][id].cost_ns) best = d;
    }
    return best;
  }

  bool move_groups() {
    const Ownership ownership = ownership_of(owner_, verdicts_);
    const std::vector<uint32_t> stages = assign_stages(graph_, order_, ownership, facts_);
    std::map<std::pair<uint32_t, uint32_t>, std::vector<NodeId>> groups;  // {stage, device}: nodes
    for (const NodeId id : order_) {
      if (is_device(owner_[id])) groups[{stages[id], owner_[id]}].push_back(id);
    }
    bool moved = false;
    for (const auto& [key, nodes] : groups) {
      const uint32_t best = best_device(key.second, nodes);
      if (best == key.second) continue;
      for (const NodeId id : nodes) owner_[id] = best;
      moved = true;
    }
    return moved;
  }

  uint32_t best_device(uint32_t current, const std::vector<NodeId>& nodes) {
    uint32_t best = current;
    int64_t best_cost = total_cost(current, nodes);
    if (best_cost < 0) return current;
    for (uint32_t d = 0; d < verdicts_.size(); ++d) {
      if (d == current) continue;
      const int64_t cost = total_cost(d, nodes);
      if (cost >= 0 && cost < best_cost) {
        best = d;
        best_cost = cost;
      }
    }
    return best;
  }

  // Nanoseconds of the nodes on device `d` and of the copies in and out; -1 where a node is not taken
  // or a cost is not known.
  int64_t total_cost(uint32_t d, const std::vector<NodeId>& nodes) {
    int64_t cost = 0;
    for (const NodeId id : nodes) {
      const Verdict& verdict = verdicts_[d][id];
      if (!verdict.supported || verdict.cost_ns < 0) return -1;
      cost += verdict.cost_ns;
      inside_.resize(graph_.node_count(), false);
      inside_[id] = true;
    }
    for (const NodeId id : nodes) {
      for (const ValueId input : graph_.node(id).inputs) cost += input_copy(d, input);
      for (const ValueId output : graph_.node(id).outputs) cost += output_copies(d, output);
    }
    for (const NodeId id : nodes) inside_[id] = false;
    return cost;
  }

  int64_t input_copy(uint32_t d, ValueId input) const {
    if (input == kNoId) return 0;
    const GraphValue& value = graph_.value(input);
    if (value.producer == kNoId) return value.constant ? 0 : copy(in_host_memory_[d], true, input);
    if (inside_[value.producer]) return 0;
    return memory_of(value.producer) == static_cast<int64_t>(d)
               ? 0
               : copy(in_host_memory_[d], is_in_host_memory(value.producer), input);
  }

  int64_t output_copies(uint32_t d, ValueId output) const {
    if (output == kNoId) return 0;
    const GraphValue& value = graph_.value(output);
    int64_t cost = value.is_output ? copy(in_host_memory_[d], true, output) : 0;
    std::vector<int64_t> reached;
    for (const NodeId consumer : value.consumers) {
      const int64_t memory = memory_of(consumer);
      if (inside_[consumer] || memory == static_cast<int64_t>(d)) continue;
      if (std::find(reached.begin(), reached.end(), memory) != reached.end()) continue;
      reached.push_back(memory);
      cost += copy(in_host_memory_[d], is_in_host_memory(consumer), output);
    }
    return cost;
  }

  // The device whose memory the node works in; -1 is the host's.
  int64_t memory_of(NodeId id) const { return is_in_host_memory(id) ? -1 : static_cast<int64_t>(owner_[id]); }
  bool is_in_host_memory(NodeId id) const { return !is_device(owner_[id]) || in_host_memory_[owner_[id]]; }

  int64_t copy(bool from_host, bool to_host, ValueId value) const {
    if (from_host && to_host) return 0;
    const ValueType& type = graph_.value(value).type;
    const int64_t count = type.has_rank ? element_count(type.dims) : kUnknownDim;
    if (count < 0) return options_.copy_latency_ns;
    const uint64_t bytes = storage_bytes(type.element, static_cast<uint64_t>(count));
    return options_.copy_latency_ns +
           static_cast<int64_t>(static_cast<double>(bytes) * 1000.0 /
                                static_cast<double>(std::max<int64_t>(1, options_.copy_bytes_per_us)));
  }

  const Graph& graph_;
  const std::vector<NodeId>& order_;
  const NodeFacts& facts_;
  const Verdicts& verdicts_;
  const PartitionOptions& options_;
  std::vector<bool> in_host_memory_;  // by device
  std::vector<uint32_t> owner_;       // by NodeId
  std::vector<bool> inside_;          // by NodeId: in the group that is being weighed
};

}  // namespace

std::vector<uint32_t> choose_by_cost(const Graph& graph, const std::vector<NodeId>& order,
                                     const NodeFacts& facts, const Verdicts& verdicts,
                                     std::span<DeviceQuery* const> devices, const PartitionOptions& options) {
  return CostChoice(graph, order, facts, verdicts, devices, options).run();
}

}  // namespace bp::partitioning
