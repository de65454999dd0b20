// What bodies capture from outside: constants move into the bodies (so that they can be folded and
// packed there), a value captured twice is captured once, and captures that no body reads go.
#include <algorithm>
#include <vector>

#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

// The place of capture `index` among the inputs of one body.
size_t body_slot(const Graph& body, const Node& node, size_t index) {
  return body.inputs().size() - node.capture_count + index;
}

bool no_body_reads(const Node& node, size_t index) {
  return std::all_of(node.regions.begin(), node.regions.end(), [&](const auto& body) {
    return is_unused(*body, body->inputs()[body_slot(*body, node, index)]);
  });
}

void drop_capture(Graph& graph, NodeId id, size_t index) {
  for (const auto& body : graph.node(id).regions) {
    body->remove_input(body_slot(*body, graph.node(id), index));
  }
  const std::vector<ValueId> inputs = graph.node(id).inputs;
  const size_t first = inputs.size() - graph.node(id).capture_count + index;
  for (size_t i = first; i + 1 < inputs.size(); ++i) graph.set_node_input(id, i, inputs[i + 1]);
  graph.resize_node_inputs(id, inputs.size() - 1);
  --graph.node(id).capture_count;
}

void move_constant_inside(const Graph& graph, const Node& node, size_t index, ValueId outer) {
  for (const auto& body : node.regions) {
    const ValueId inner = body->inputs()[body_slot(*body, node, index)];
    body->set_constant(inner, graph.value(outer).constant);
    body->value(inner).type = graph.value(outer).type;
  }
}

// False when a body returns one of the two inputs itself: its name as an output must stay.
bool merge_captures(const Node& node, size_t kept, size_t dropped) {
  for (const auto& body : node.regions) {
    if (body->value(body->inputs()[body_slot(*body, node, dropped)]).is_output) return false;
  }
  for (const auto& body : node.regions) {
    body->replace_uses(body->inputs()[body_slot(*body, node, dropped)],
                       body->inputs()[body_slot(*body, node, kept)]);
  }
  return true;
}

size_t settle_node(Graph& graph, NodeId id) {
  size_t changes = 0;
  for (size_t index = graph.node(id).capture_count; index-- > 0;) {
    const Node& node = graph.node(id);
    const size_t first = node.inputs.size() - node.capture_count;
    const ValueId outer = node.inputs[first + index];
    bool droppable = no_body_reads(node, index);
    if (!droppable && is_fixed(graph, outer)) {
      move_constant_inside(graph, node, index, outer);
      droppable = true;
    }
    if (!droppable) {
      const auto begin = node.inputs.begin() + static_cast<std::ptrdiff_t>(first);
      const auto earlier = std::find(begin, begin + static_cast<std::ptrdiff_t>(index), outer);
      const auto kept = static_cast<size_t>(earlier - begin);
      droppable = kept < index && merge_captures(node, kept, index);
    }
    if (!droppable) continue;
    drop_capture(graph, id, index);
    ++changes;
  }
  return changes;
}

}  // namespace

Result<size_t> settle_captures(Graph& graph, PassContext& context) {
  size_t changes = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).alive || graph.node(id).capture_count == 0) continue;
    const size_t settled = settle_node(graph, id);
    if (settled > 0) context.changed(graph.node(id).name);
    changes += settled;
  }
  return changes;
}

}  // namespace bp::optimize_passes
