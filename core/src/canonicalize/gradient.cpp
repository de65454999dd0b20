// The expression between the independent values (attributes xs and zs) and the result (y) is found by name; it
// is differentiated in place, or copied first where the node gives other values for xs and zs.
#include "canonicalize/gradient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "canonicalize/derivation.hpp"

namespace bp {
namespace {

using canonical::Derivation;

constexpr std::string_view kDomain = "ai.onnx.preview.training";

const std::vector<std::string>& names_of(const Node& node, std::string_view attribute) {
  static const std::vector<std::string> none;
  const Attribute* found = node.find_attribute(attribute);
  const auto* names = found == nullptr ? nullptr : std::get_if<std::vector<std::string>>(&found->value);
  return names == nullptr ? none : *names;
}

Status wrong(const Node& node, const std::string& why) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", node.label(), why)};
}

// One Gradient node at work.
class Expansion {
 public:
  Expansion(Graph& graph, NodeId id) : graph_(graph), id_(id), node_(graph.node(id)) {}

  // False: another Gradient must be written out first.
  Result<bool> prepare();
  Status run();

 private:
  Status find_names();
  Status collect();
  void copy_expression();
  Status differentiate();

  Graph& graph_;
  NodeId id_;
  Node node_;                       // a copy: added nodes move the graph's
  std::vector<ValueId> named_;      // xs, then zs
  ValueId result_ = kNoId;          // y
  std::vector<NodeId> expression_;  // producers before consumers
  bool waits_ = false;
};

Status Expansion::find_names() {
  std::vector<std::string> names = names_of(node_, "xs");
  if (names.empty()) return wrong(node_, "attribute 'xs' names no value");
  if (node_.outputs.size() > names.size())
    return wrong(node_, fmt::format("attribute 'xs' names {} values for {} outputs", names.size(),
                                    node_.outputs.size()));
  const std::vector<std::string>& others = names_of(node_, "zs");
  names.insert(names.end(), others.begin(), others.end());
  if (names.size() != node_.inputs.size()) {
    return wrong(node_, fmt::format("must have an input for each of the {} names in 'xs' and 'zs', has {}",
                                    names.size(), node_.inputs.size()));
  }
  const auto find = [&](const std::string& name, const char* attribute) -> Result<ValueId> {
    if (const auto value = graph_.find_value(name)) return *value;
    return wrong(node_,
                 fmt::format("attribute '{}' names '{}', which is no value of this graph", attribute, name));
  };
  for (size_t i = 0; i < names.size(); ++i) {
    if (node_.inputs[i] == kNoId) return wrong(node_, fmt::format("input {} is required, but empty", i));
    BP_ASSIGN_OR_RETURN(const ValueId value, find(names[i], i < names_of(node_, "xs").size() ? "xs" : "zs"));
    named_.push_back(value);
  }
  BP_ASSIGN_OR_RETURN(result_, find(node_.string_or("y", ""), "y"));
  return {};
}

// The nodes between the named values and the result.
Status Expansion::collect() {
  std::set<NodeId> needed;
  std::vector<ValueId> open{result_};
  while (!open.empty()) {
    const ValueId value = open.back();
    open.pop_back();
    if (value == kNoId || std::find(named_.begin(), named_.end(), value) != named_.end()) continue;
    const GraphValue& held = graph_.value(value);
    if (held.producer == kNoId) {
      if (held.constant != nullptr && !held.is_input) continue;
      return wrong(node_, fmt::format("'{}' depends on '{}', which neither 'xs' nor 'zs' names",
                                      graph_.value(result_).name, held.name));
    }
    if (!needed.insert(held.producer).second) continue;
    const Node& producer = graph_.node(held.producer);
    waits_ = waits_ || is_gradient(producer);
    open.insert(open.end(), producer.inputs.begin(), producer.inputs.end());
  }
  for (const NodeId id : graph_.topological_order()) {
    if (needed.contains(id)) expression_.push_back(id);
  }
  return {};
}

// The expression again over the node's inputs, where these are not the named values themselves.
void Expansion::copy_expression() {
  if (named_ == node_.inputs) return;
  std::vector<std::pair<ValueId, ValueId>> moved;
  for (size_t i = 0; i < named_.size(); ++i) moved.emplace_back(named_[i], node_.inputs[i]);
  const auto at = [&](ValueId value) {
    for (const auto& [from, to] : moved) {
      if (from == value) return to;
    }
    return value;
  };
  for (NodeId& id : expression_) {
    Node copy = graph_.node(id);
    copy.name = graph_.unused_value_name(node_.name + "/" + copy.name);
    for (ValueId& input : copy.inputs) input = at(input);
    for (ValueId& output : copy.outputs) {
      if (output == kNoId) continue;
      const GraphValue& old = graph_.value(output);
      const ValueId fresh = graph_.add_value(graph_.unused_value_name(node_.name + "/" + old.name), old.type);
      moved.emplace_back(output, fresh);
      output = fresh;
    }
    id = graph_.add_node(std::move(copy));
  }
  result_ = at(result_);
  named_ = node_.inputs;
}

Status Expansion::differentiate() {
  Derivation d(graph_, node_);
  for (const ValueId value : std::span(named_).first(names_of(node_, "xs").size())) d.watch(value);
  for (const NodeId id : expression_) {
    const Node& node = graph_.node(id);
    const bool depends = std::any_of(node.inputs.begin(), node.inputs.end(),
                                     [&](ValueId input) { return input != kNoId && d.is_watched(input); });
    for (size_t i = 0; depends && i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoId) d.watch(node.outputs[i]);
    }
  }
  if (d.is_watched(result_)) d.give(result_, d.filled(1, result_));
  for (auto id = expression_.rbegin(); id != expression_.rend(); ++id) {
    const Node node = graph_.node(*id);
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoId && d.derivative_of(node.outputs[i]) != kNoId)
        d.fail(node, fmt::format("output {} has no derivative rule", i));
    }
    const ValueId dy =
        node.outputs.empty() || node.outputs[0] == kNoId ? kNoId : d.derivative_of(node.outputs[0]);
    if (dy == kNoId) continue;
    const auto rule = node.domain.empty() && node.region == RegionKind::kNone
                          ? canonical::find_derivative_rule(node.op_type)
                          : nullptr;
    if (rule == nullptr) d.fail(node, "the operator has no derivative rule");
    if (rule == nullptr || !d.status().ok()) return d.status();
    rule(d, node, dy);
    if (!d.status().ok()) return d.status();
  }
  for (size_t i = 0; i < node_.outputs.size(); ++i) {
    const ValueId out = node_.outputs[i];
    if (out == kNoId) continue;
    graph_.set_node_output(id_, i, kNoId);
    const ValueId derivative = d.derivative_of(named_[i]);
    const ValueId from = derivative == kNoId ? d.filled(0, named_[i]) : derivative;
    d.write(out, "Identity", {from});
  }
  graph_.remove_node(id_);
  return {};
}

Result<bool> Expansion::prepare() {
  BP_RETURN_IF_ERROR(find_names());
  BP_RETURN_IF_ERROR(collect());
  return !waits_;
}

Status Expansion::run() {
  copy_expression();
  return differentiate();
}

}  // namespace

bool is_gradient(const Node& node) noexcept { return node.op_type == "Gradient" && node.domain == kDomain; }

Status expand_gradients(Graph& graph) {
  size_t found = 0;
  std::vector<Expansion> ready;  // before anything is written: what is written has no types yet
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (!graph.node(id).alive || !is_gradient(graph.node(id))) continue;
    ++found;
    Expansion expansion(graph, id);
    BP_ASSIGN_OR_RETURN(const bool can_start, expansion.prepare());
    if (can_start) ready.push_back(std::move(expansion));
  }
  if (found > 0 && ready.empty())
    return {ErrorCode::kInvalidModel, "Gradient nodes depend on each other's results in a circle"};
  for (Expansion& expansion : ready) BP_RETURN_IF_ERROR(expansion.run());
  return {};
}

}  // namespace bp
