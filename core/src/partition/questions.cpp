#include "partition/questions.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace bp::partitioning {
namespace {

Verdict refused(ReasonCode code, std::string text) {
  Verdict verdict;
  Reason reason;
  reason.code = code;
  reason.text = std::move(text);
  verdict.reasons.push_back(std::move(reason));
  return verdict;
}

bool is_newer(const Node& node, int32_t level) { return node.domain.empty() && node.since_version > level; }

// Tensors alone cross to a provider.
bool has_only_tensors(const Graph& graph, const std::vector<ValueId>& values) {
  for (const ValueId value : values) {
    if (value == kNoId) continue;
    const ValueKind kind = graph.value(value).type.kind;
    if (kind != ValueKind::kTensor && kind != ValueKind::kUnknown) return false;
  }
  return true;
}

// The first input that is wanted as a constant and is none; kNoIndex: there is none.
uint32_t unmet_constant(const Graph& graph, const Node& node, const Verdict& verdict) {
  const size_t count = std::min(node.inputs.size(), verdict.input_wants.size());
  for (size_t i = 0; i < count; ++i) {
    if (verdict.input_wants[i] != InputWant::kConstant || node.inputs[i] == kNoId) continue;
    const GraphValue& value = graph.value(node.inputs[i]);
    if (value.constant == nullptr || value.is_input) return static_cast<uint32_t>(i);
  }
  return kNoIndex;
}

void check_one(const Graph& graph, const Node& node, int32_t level, Verdict& verdict) {
  if (!has_only_tensors(graph, node.inputs) || !has_only_tensors(graph, node.outputs)) {
    verdict = refused(ReasonCode::kType, "only tensors cross to a device");
  } else if (is_newer(node, level)) {
    verdict = refused(ReasonCode::kNewerForm, "form of opset " + std::to_string(node.since_version) +
                                                  ", the provider knows " + std::to_string(level));
  } else if (!verdict.supported && verdict.reasons.empty()) {
    verdict = refused(ReasonCode::kOther, "refused without a reason");
  } else if (verdict.supported && !verdict.input_wants.empty() &&
             verdict.input_wants.size() != node.inputs.size()) {
    verdict = refused(ReasonCode::kOther, "answered for " + std::to_string(verdict.input_wants.size()) +
                                              " inputs, the node has " + std::to_string(node.inputs.size()));
  } else if (const uint32_t input = unmet_constant(graph, node, verdict);
             verdict.supported && input != kNoIndex) {
    verdict = refused(ReasonCode::kNotConstant, "wanted constant, and it is not");
    verdict.reasons.back().input = input;
  }
}

}  // namespace

std::vector<Verdict> ask(DeviceQuery& device, const Graph& graph, const NodeFacts& facts) {
  auto answer = device.query(graph, facts);
  std::string failure;
  if (!answer.ok()) {
    failure = "the query failed: " + answer.status().to_string();
  } else if (answer->size() != graph.node_count()) {
    failure = "the query answered for " + std::to_string(answer->size()) + " nodes, was asked about " +
              std::to_string(graph.node_count());
  }
  if (!failure.empty()) {
    return std::vector<Verdict>(graph.node_count(), refused(ReasonCode::kOther, failure));
  }
  std::vector<Verdict> verdicts = std::move(*answer);
  const int32_t level = device.canonical_level();
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).alive) check_one(graph, graph.node(id), level, verdicts[id]);
  }
  return verdicts;
}

bool takes_all(DeviceQuery& device, const Graph& parts, const NodeFacts& facts) {
  const std::vector<Verdict> verdicts = ask(device, parts, facts);
  for (NodeId id = 0; id < parts.node_count(); ++id) {
    const Node& node = parts.node(id);
    if (node.alive && !node.runs_in_core() && !facts.on_host[id] && !verdicts[id].supported) return false;
  }
  return true;
}

std::string reasons_text(const std::vector<Verdict>& verdicts, std::span<DeviceQuery* const> devices) {
  std::string text;
  for (size_t d = 0; d < verdicts.size(); ++d) {
    if (verdicts[d].supported) continue;
    for (const Reason& reason : verdicts[d].reasons) {
      if (!text.empty()) text += "; ";
      text += devices[d]->name() + ": " + reason_code_name(reason.code);
      if (reason.input != kNoIndex) text += " (input " + std::to_string(reason.input) + ")";
      if (reason.output != kNoIndex) text += " (output " + std::to_string(reason.output) + ")";
      if (!reason.attribute.empty()) text += " (attribute " + reason.attribute + ")";
      if (!reason.text.empty()) text += ": " + reason.text;
    }
  }
  return text;
}

}  // namespace bp::partitioning
