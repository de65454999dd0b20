// Producers before consumers by a depth-first walk in insertion order: a sorted graph comes back
// unchanged, and a node that a pass appended lands right before its first consumer, which keeps
// lifetimes short. Without recursion: chains are as long as the graph.
#include "graph/graph.hpp"

namespace bp {
namespace {

enum class Mark : uint8_t { kNew, kOpen, kDone, kOnCycle };

struct Frame {
  NodeId node;
  size_t next_input;
  bool on_cycle;
};

}  // namespace

std::vector<NodeId> Graph::topological_order() const {
  std::vector<NodeId> order;
  order.reserve(nodes_.size());
  std::vector<Mark> marks(nodes_.size(), Mark::kNew);
  std::vector<Frame> stack;

  for (NodeId root = 0; root < nodes_.size(); ++root) {
    if (!nodes_[root].alive || marks[root] != Mark::kNew) continue;
    marks[root] = Mark::kOpen;
    stack.push_back({root, 0, false});
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const std::vector<ValueId>& inputs = nodes_[frame.node].inputs;
      if (frame.next_input < inputs.size()) {
        const ValueId input = inputs[frame.next_input++];
        const NodeId producer = input == kNoId ? kNoId : values_[input].producer;
        if (producer == kNoId || !nodes_[producer].alive || marks[producer] == Mark::kDone) continue;
        if (marks[producer] == Mark::kNew) {
          marks[producer] = Mark::kOpen;
          stack.push_back({producer, 0, false});
        } else {
          frame.on_cycle = true;  // the producer is on the stack, or waits for a cycle itself
        }
        continue;
      }
      const Frame done = frame;
      stack.pop_back();
      marks[done.node] = done.on_cycle ? Mark::kOnCycle : Mark::kDone;
      if (!done.on_cycle) order.push_back(done.node);
      if (done.on_cycle && !stack.empty()) stack.back().on_cycle = true;
    }
  }
  return order;
}

}  // namespace bp
