// Building and rewiring the graph. Every operation costs time linear in what it touches: a removed use
// is found through its recorded place in the consumer list, not by searching the list.
#include "graph/graph.hpp"

#include <algorithm>

namespace bp {

std::unique_ptr<Graph> Graph::clone() const {
  auto copy = std::make_unique<Graph>(symbols_);
  copy->name = name;
  copy->opsets = opsets;
  copy->ir_version = ir_version;
  copy->metadata = metadata;
  copy->values_ = values_;
  copy->nodes_ = nodes_;
  copy->use_slots_ = use_slots_;
  copy->inputs_ = inputs_;
  copy->outputs_ = outputs_;
  copy->by_name_ = by_name_;
  for (Node& node : copy->nodes_) {
    for (std::shared_ptr<Graph>& body : node.regions) {
      if (body) body = std::shared_ptr<Graph>(body->clone());
    }
  }
  return copy;
}

void Graph::reserve(size_t values, size_t nodes) {
  values_.reserve(values_.size() + values);
  by_name_.reserve(by_name_.size() + values);
  nodes_.reserve(nodes_.size() + nodes);
  use_slots_.reserve(use_slots_.size() + nodes);
}

ValueId Graph::add_value(std::string value_name, ValueType type) {
  const auto id = static_cast<ValueId>(values_.size());
  if (value_name.empty() || by_name_.contains(value_name)) value_name = unused_value_name(value_name);
  by_name_.emplace(value_name, id);
  GraphValue& value = values_.emplace_back();
  value.name = std::move(value_name);
  value.type = std::move(type);
  return id;
}

ValueId Graph::add_constant(std::string value_name, TensorPtr tensor) {
  Dims dims;
  dims.reserve(tensor->dims.size());
  for (const int64_t size : tensor->dims) dims.push_back(Dim::of(size));
  const ValueId id = add_value(std::move(value_name), ValueType::tensor(tensor->type, std::move(dims)));
  values_[id].constant = std::move(tensor);
  return id;
}

ValueId Graph::add_input(std::string value_name, ValueType type) {
  const ValueId id = add_value(std::move(value_name), std::move(type));
  mark_input(id);
  return id;
}

void Graph::mark_input(ValueId id) {
  if (values_[id].is_input) return;
  values_[id].is_input = true;
  inputs_.push_back(id);
}

void Graph::remove_input(size_t index) {
  values_[inputs_[index]].is_input = false;
  inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Graph::add_output(ValueId id) {
  values_[id].is_output = true;
  outputs_.push_back(id);
}

void Graph::set_output(size_t index, ValueId id) {
  const ValueId old = outputs_[index];
  outputs_[index] = id;
  values_[old].is_output = std::find(outputs_.begin(), outputs_.end(), old) != outputs_.end();
  values_[id].is_output = true;
}

std::optional<ValueId> Graph::find_value(std::string_view value_name) const {
  const auto found = by_name_.find(value_name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::string Graph::unused_value_name(std::string_view hint) const {
  const std::string stem = hint.empty() ? "value" : std::string(hint);
  if (!by_name_.contains(stem)) return stem;
  // Starting at the number of values keeps many requests with one hint linear.
  for (size_t n = values_.size();; ++n) {
    std::string candidate = stem + "_" + std::to_string(n);
    if (!by_name_.contains(candidate)) return candidate;
  }
}

void Graph::rename_value(ValueId id, std::string value_name) {
  if (values_[id].name == value_name) return;
  if (value_name.empty() || by_name_.contains(value_name)) value_name = unused_value_name(value_name);
  by_name_.erase(values_[id].name);
  by_name_.emplace(value_name, id);
  values_[id].name = std::move(value_name);
}

NodeId Graph::add_node(Node node) {
  const auto id = static_cast<NodeId>(nodes_.size());
  node.alive = true;
  nodes_.push_back(std::move(node));
  use_slots_.emplace_back();
  const Node& added = nodes_.back();
  use_slots_.back().resize(added.inputs.size(), 0);
  for (size_t i = 0; i < added.inputs.size(); ++i) add_use(id, i);
  for (const ValueId output : added.outputs) {
    if (output != kNoId) values_[output].producer = id;
  }
  return id;
}

size_t Graph::alive_count() const noexcept {
  return static_cast<size_t>(
      std::count_if(nodes_.begin(), nodes_.end(), [](const Node& node) { return node.alive; }));
}

void Graph::add_use(NodeId id, size_t index) {
  const ValueId input = nodes_[id].inputs[index];
  if (input == kNoId) return;
  std::vector<NodeId>& consumers = values_[input].consumers;
  use_slots_[id][index] = static_cast<uint32_t>(consumers.size());
  consumers.push_back(id);
}

void Graph::drop_use(NodeId id, size_t index) {
  const ValueId input = nodes_[id].inputs[index];
  if (input == kNoId) return;
  std::vector<NodeId>& consumers = values_[input].consumers;
  const uint32_t slot = use_slots_[id][index];
  const auto last = static_cast<uint32_t>(consumers.size() - 1);
  if (slot != last) {
    // The last entry moves into the hole; the use that it stands for must know its new place.
    const NodeId moved = consumers[last];
    consumers[slot] = moved;
    const std::vector<ValueId>& inputs = nodes_[moved].inputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == input && use_slots_[moved][i] == last) {
        use_slots_[moved][i] = slot;
        break;
      }
    }
  }
  consumers.pop_back();
}

void Graph::set_node_input(NodeId id, size_t index, ValueId value) {
  drop_use(id, index);
  nodes_[id].inputs[index] = value;
  add_use(id, index);
}

void Graph::add_node_input(NodeId id, ValueId value) {
  nodes_[id].inputs.push_back(value);
  use_slots_[id].push_back(0);
  add_use(id, nodes_[id].inputs.size() - 1);
}

void Graph::resize_node_inputs(NodeId id, size_t count) {
  for (size_t i = count; i < nodes_[id].inputs.size(); ++i) {
    drop_use(id, i);
    nodes_[id].inputs[i] = kNoId;
  }
  nodes_[id].inputs.resize(count, kNoId);
  use_slots_[id].resize(count, 0);
}

void Graph::set_node_output(NodeId id, size_t index, ValueId value) {
  const ValueId old = nodes_[id].outputs[index];
  if (old != kNoId && values_[old].producer == id) values_[old].producer = kNoId;
  nodes_[id].outputs[index] = value;
  if (value != kNoId) values_[value].producer = id;
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  const std::vector<NodeId> users = std::move(values_[from].consumers);
  values_[from].consumers.clear();
  for (const NodeId user : users) {
    // A node that uses `from` twice is in the list twice; its first visit moves both.
    for (size_t i = 0; i < nodes_[user].inputs.size(); ++i) {
      if (nodes_[user].inputs[i] != from) continue;
      nodes_[user].inputs[i] = to;
      add_use(user, i);
    }
  }
  if (values_[from].is_output) {
    std::replace(outputs_.begin(), outputs_.end(), from, to);
    values_[from].is_output = false;
    values_[to].is_output = true;
  }
}

void Graph::set_constant(ValueId id, TensorPtr tensor) { values_[id].constant = std::move(tensor); }

void Graph::remove_node(NodeId id) {
  Node& node = nodes_[id];
  if (!node.alive) return;
  for (size_t i = 0; i < node.inputs.size(); ++i) drop_use(id, i);
  for (const ValueId output : node.outputs) {
    if (output != kNoId && values_[output].producer == id) values_[output].producer = kNoId;
  }
  node.alive = false;
}

std::vector<ValueId> Graph::compact() {
  std::vector<ValueId> new_values(values_.size(), kNoId);
  std::vector<GraphValue> values;
  for (ValueId id = 0; id < values_.size(); ++id) {
    GraphValue& value = values_[id];
    const bool mentioned =
        value.is_input || value.is_output || value.producer != kNoId || !value.consumers.empty();
    if (!mentioned) {
      by_name_.erase(value.name);
      continue;
    }
    new_values[id] = static_cast<ValueId>(values.size());
    values.push_back(std::move(value));
  }

  std::vector<NodeId> new_nodes(nodes_.size(), kNoId);
  NodeId kept = 0;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (!nodes_[id].alive) continue;
    new_nodes[id] = kept;
    if (kept != id) {
      nodes_[kept] = std::move(nodes_[id]);
      use_slots_[kept] = std::move(use_slots_[id]);
    }
    ++kept;
  }
  nodes_.erase(nodes_.begin() + kept, nodes_.end());
  use_slots_.erase(use_slots_.begin() + kept, use_slots_.end());

  const auto renumber = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) {
      if (id != kNoId) id = new_values[id];
    }
  };
  for (Node& node : nodes_) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
  for (GraphValue& value : values) {
    if (value.producer != kNoId) value.producer = new_nodes[value.producer];
    for (NodeId& consumer : value.consumers) consumer = new_nodes[consumer];
  }
  renumber(inputs_);
  renumber(outputs_);
  for (auto& [key, id] : by_name_) id = new_values[id];
  values_ = std::move(values);
  return new_values;
}

}  // namespace bp
