#include "partition/unplaced.hpp"

#include "partition/questions.hpp"

namespace bp::partitioning {
namespace {

// A message of megabytes helps nobody.
constexpr size_t kMaxListed = 500;

std::string input_types(const Graph& graph, const Node& node) {
  std::string text;
  for (const ValueId input : node.inputs) {
    if (!text.empty()) text += ", ";
    text += input == kNoId ? "-" : graph.value(input).type.to_string(graph.symbols());
  }
  return text;
}

}  // namespace

void UnplacedNodes::add(const Graph& graph, NodeId id, const Decision& decision, const std::string& place) {
  if (++count_ > kMaxListed) return;
  const Node& node = graph.node(id);
  lines_ += "\n  " + place + node.label();
  if (!node.domain.empty()) lines_ += " of domain " + node.domain;
  lines_ += " (" + input_types(graph, node) + ")";
  const std::string reasons = reasons_text(decision.verdicts, devices_);
  if (!reasons.empty()) lines_ += ": " + reasons;
  if (!decision.note.empty()) lines_ += " [" + decision.note + "]";
}

Status UnplacedNodes::status() const {
  if (count_ == 0) return {};
  const std::string nodes = std::to_string(count_) + (count_ == 1 ? " node" : " nodes");
  std::string text;
  if (devices_.empty()) {
    text = "no provider is present to run " + nodes;
    if (!looked_for_.empty()) text += " (looked for: " + looked_for_ + ")";
  } else {
    text = "no device takes " + nodes + "; asked:";
    for (size_t i = 0; i < devices_.size(); ++i) text += (i == 0 ? " " : ", ") + devices_[i]->name();
  }
  text += lines_;
  if (count_ > kMaxListed) text += "\n  and " + std::to_string(count_ - kMaxListed) + " more";
  return Status(ErrorCode::kUnsupported, std::move(text));
}

}  // namespace bp::partitioning
