#include "partition/stages.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace bp::partitioning {
namespace {

bool wants_on_host(const Verdict* verdict, size_t input) {
  if (verdict == nullptr || input >= verdict->input_wants.size()) return false;
  const InputWant want = verdict->input_wants[input];
  return want == InputWant::kHost || want == InputWant::kValueAtSpecialize;
}

class Staging {
 public:
  Staging(const Graph& graph, const std::vector<NodeId>& order, const Ownership& ownership,
          const NodeFacts& facts)
      : graph_(graph), order_(order), ownership_(ownership), facts_(facts) {}

  std::vector<uint32_t> run() {
    stage_.assign(graph_.node_count(), 0);
    known_.assign(graph_.value_count(), 0);
    // As soon as possible: the number of stages, and where each node may begin.
    for (const NodeId id : order_) place(id, earliest(id));
    const std::vector<uint32_t> soonest = stage_;
    const std::vector<uint32_t> latest = as_late_as_possible(soonest);
    note_fixed_groups(soonest, latest);
    // Again, every node free to wait for a group of its device that exists anyway.
    for (const NodeId id : order_) place(id, choose(id, earliest(id), latest[id]));
    return stage_;
  }

 private:
  // Stages that lie between a producer and a consumer of its value.
  uint32_t distance(NodeId from, NodeId to, size_t input) const {
    const uint32_t a = ownership_.owner[from];
    const uint32_t b = ownership_.owner[to];
    if (a == kHostOwner || b == kHostOwner) return 0;
    if (a != b || a == kCoreOwner || facts_.data_dependent[from]) return 1;
    return wants_on_host(ownership_.verdict[to], input) || facts_.read_back[graph_.node(to).inputs[input]] ? 1
                                                                                                           : 0;
  }

  // The first stage at which everything that `id` needs is there: the values, and all dims.
  uint32_t earliest(NodeId id) const {
    uint32_t stage = 0;
    const std::vector<ValueId>& inputs = graph_.node(id).inputs;
    const bool on_host = ownership_.owner[id] == kHostOwner;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == kNoId) continue;
      stage = std::max(stage, known_[inputs[i]]);
      const NodeId producer = graph_.value(inputs[i]).producer;
      if (producer == kNoId || on_host) continue;
      stage = std::max(stage, stage_[producer] + distance(producer, id, i));
    }
    return stage;
  }

  // Records the stage, and from when on the dims (host nodes: and contents) of the outputs are known.
  void place(NodeId id, uint32_t stage) {
    stage_[id] = stage;
    const Node& node = graph_.node(id);
    uint32_t known = 0;
    for (const ValueId input : node.inputs) {
      if (input != kNoId) known = std::max(known, known_[input]);
    }
    if (facts_.data_dependent[id]) known = stage + 1;
    for (const ValueId output : node.outputs) {
      if (output == kNoId) continue;
      known_[output] = facts_.read_back[output] ? std::max(known, stage + 1) : known;
    }
  }

  // Bounds from below stay those of `soonest`: a node never moves before what it needs is there. A
  // node whose dims others wait for does not move.
  std::vector<uint32_t> as_late_as_possible(const std::vector<uint32_t>& soonest) const {
    uint32_t last = 0;
    for (const NodeId id : order_) last = std::max(last, soonest[id]);
    std::vector<uint32_t> latest(graph_.node_count(), last);
    for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
      const NodeId id = *it;
      if (ownership_.owner[id] == kHostOwner || facts_.data_dependent[id] || makes_read_back(id)) {
        latest[id] = soonest[id];
      }
      const std::vector<ValueId>& inputs = graph_.node(id).inputs;
      for (size_t i = 0; i < inputs.size(); ++i) {
        const NodeId producer = inputs[i] == kNoId ? kNoId : graph_.value(inputs[i]).producer;
        if (producer == kNoId || ownership_.owner[producer] == kHostOwner) continue;
        if (ownership_.owner[id] == kHostOwner) continue;  // reads dims only
        latest[producer] = std::min(latest[producer], latest[id] - distance(producer, id, i));
      }
    }
    return latest;
  }

  bool makes_read_back(NodeId id) const {
    const std::vector<ValueId>& outputs = graph_.node(id).outputs;
    return std::any_of(outputs.begin(), outputs.end(),
                       [&](ValueId output) { return output != kNoId && facts_.read_back[output]; });
  }

  // Groups that some node cannot avoid.
  void note_fixed_groups(const std::vector<uint32_t>& soonest, const std::vector<uint32_t>& latest) {
    for (const NodeId id : order_) {
      const uint32_t owner = ownership_.owner[id];
      if (owner < kCoreOwner && soonest[id] == latest[id]) fixed_[owner].push_back(soonest[id]);
    }
    for (auto& [owner, stages] : fixed_) {
      std::sort(stages.begin(), stages.end());
      stages.erase(std::unique(stages.begin(), stages.end()), stages.end());
    }
  }

  // Stays with a producer of the same group where there is one; else joins the next group of its
  // device that exists anyway; else waits for its consumers.
  uint32_t choose(NodeId id, uint32_t first, uint32_t last) const {
    const uint32_t owner = ownership_.owner[id];
    if (owner >= kCoreOwner || first >= last) return first;
    for (const ValueId input : graph_.node(id).inputs) {
      const NodeId producer = input == kNoId ? kNoId : graph_.value(input).producer;
      if (producer != kNoId && ownership_.owner[producer] == owner && stage_[producer] == first) {
        return first;
      }
    }
    if (const auto found = fixed_.find(owner); found != fixed_.end()) {
      const auto next = std::lower_bound(found->second.begin(), found->second.end(), first);
      if (next != found->second.end() && *next <= last) return *next;
    }
    return last;
  }

  const Graph& graph_;
  const std::vector<NodeId>& order_;
  const Ownership& ownership_;
  const NodeFacts& facts_;
  std::vector<uint32_t> stage_;  // by NodeId
  std::vector<uint32_t> known_;  // by ValueId: the first stage at which dims and host contents are known
  std::map<uint32_t, std::vector<uint32_t>> fixed_;  // owner: sorted stages
};

}  // namespace

std::vector<uint32_t> assign_stages(const Graph& graph, const std::vector<NodeId>& order,
                                    const Ownership& ownership, const NodeFacts& facts) {
  return Staging(graph, order, ownership, facts).run();
}

}  // namespace bp::partitioning
