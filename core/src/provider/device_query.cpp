// The capability query: takes the verdicts as they are reported, checks each, and fills the gaps.
#include <fmt/format.h>

#include <utility>

#include "provider/abi.hpp"
#include "provider/device.hpp"
#include "provider/provider_core.hpp"

namespace bp {
namespace {

constexpr uint64_t kMaxReasons = 1024;
constexpr uint32_t kLeastReason = BP_STRUCT_SIZE(bp_reason, text);
constexpr uint32_t kLeastVerdict = BP_STRUCT_SIZE(bp_verdict, workspace_bytes);

// Collects the verdicts of one query. What makes the answer useless is kept in `problem`; what can be mended is
// logged as misbehaviour.
class VerdictCollector {
 public:
  VerdictCollector(const ProviderCore& core, const GraphView& view)
      : verdicts(view.shown_nodes().size()), reported_(verdicts.size(), false), core_(core), view_(view) {
    sink_.struct_size = BP_STRUCT_SIZE(bp_verdict_sink, report);
    sink_.user = this;
    sink_.report = [](void* user, const bp_verdict* verdict) {
      auto& collector = *static_cast<VerdictCollector*>(user);
      try {
        if (collector.problem.empty()) collector.problem = collector.take(verdict);
      } catch (...) {
        collector.problem = "its verdicts do not fit into memory";
      }
    };
  }

  const bp_verdict_sink* sink() const noexcept { return &sink_; }

  // A node without a verdict counts as rejected.
  void reject_missing() {
    size_t missing = 0;
    for (size_t i = 0; i < verdicts.size(); ++i) {
      if (reported_[i]) continue;
      ++missing;
      Reason reason;
      reason.text = "the provider gave no verdict";
      verdicts[i] = Verdict{};
      verdicts[i].reasons.push_back(std::move(reason));
    }
    if (missing > 0) {
      core_.host().log_misbehaviour(
          fmt::format("query left {} of {} nodes without a verdict", missing, verdicts.size()));
    }
  }

  std::vector<Verdict> verdicts;  // by view index
  std::string problem;

 private:
  std::string label(uint32_t index) const { return view_.graph().node(view_.shown_nodes()[index]).label(); }

  std::string take(const bp_verdict* source) {
    if (source == nullptr) return "query reported a NULL verdict";
    if (source->struct_size < kLeastVerdict) return "query reported a verdict with a wrong struct_size";
    const bp_verdict abi = copy_struct(source);
    if (abi.node >= verdicts.size()) {
      return fmt::format("query reported node {} of a view with {} nodes", abi.node, verdicts.size());
    }
    if (reported_[abi.node]) return fmt::format("query reported {} twice", label(abi.node));
    if (abi.kind != BP_VERDICT_SUPPORTED && abi.kind != BP_VERDICT_REJECTED) {
      return fmt::format("query gave {} the unknown verdict {}", label(abi.node), abi.kind);
    }
    Verdict& verdict = verdicts[abi.node];
    verdict.supported = abi.kind == BP_VERDICT_SUPPORTED;
    verdict.group = abi.group;
    verdict.cost_ns = abi.cost_ns < 0 ? -1 : abi.cost_ns;
    verdict.workspace_bytes = abi.workspace_bytes < 0 ? -1 : abi.workspace_bytes;
    if (std::string wrong = take_wants(abi, verdict); !wrong.empty()) return wrong;
    if (std::string wrong = take_reasons(abi, verdict); !wrong.empty()) return wrong;
    reported_[abi.node] = true;
    return {};
  }

  std::string take_wants(const bp_verdict& abi, Verdict& verdict) {
    if (abi.input_wants.count == 0) return {};
    const size_t inputs = view_.graph().node(view_.shown_nodes()[abi.node]).inputs.size();
    if (!is_array_of(abi.input_wants, sizeof(uint32_t), inputs) || abi.input_wants.count != inputs) {
      return fmt::format("query wants {} inputs of {}, which has {}", abi.input_wants.count, label(abi.node),
                         inputs);
    }
    for (uint64_t i = 0; i < inputs; ++i) {
      const auto want = element_at<uint32_t>(abi.input_wants, i);
      if (want > BP_WANT_CONSTANT) {
        return fmt::format("query wants input {} of {} in the unknown way {}", i, label(abi.node), want);
      }
      verdict.input_wants.push_back(static_cast<InputWant>(want));
    }
    return {};
  }

  std::string take_reasons(const bp_verdict& abi, Verdict& verdict) {
    if (!is_array_of(abi.reasons, kLeastReason, kMaxReasons)) {
      return fmt::format("query gave {} a malformed list of reasons", label(abi.node));
    }
    if (verdict.supported) {
      if (abi.reasons.count > 0) {
        core_.host().log_misbehaviour(
            fmt::format("query supports {} and gives reasons against it", label(abi.node)));
      }
      return {};
    }
    for (uint64_t i = 0; i < abi.reasons.count; ++i) {
      bp_reason source;
      if (!read_element(abi.reasons, i, kLeastReason, &source)) {
        return fmt::format("query gave {} a reason with a wrong struct_size", label(abi.node));
      }
      verdict.reasons.push_back(take_reason(source, abi.node));
    }
    if (verdict.reasons.empty()) {
      core_.host().log_misbehaviour(fmt::format("query rejects {} without a reason", label(abi.node)));
      Reason reason;
      reason.text = "the provider gave no reason";
      verdict.reasons.push_back(std::move(reason));
    }
    return {};
  }

  Reason take_reason(const bp_reason& source, uint32_t node_index) {
    const Node& node = view_.graph().node(view_.shown_nodes()[node_index]);
    Reason reason;
    const bool known = source.code >= BP_REASON_OPERATOR && source.code <= BP_REASON_OTHER;
    reason.code = known ? static_cast<ReasonCode>(source.code) : ReasonCode::kOther;
    reason.input = source.input < node.inputs.size() ? source.input : kNoIndex;
    reason.output = source.output < node.outputs.size() ? source.output : kNoIndex;
    reason.attribute = text_of(source.attribute);
    reason.text = text_of(source.text);
    if (!known || (source.input != BP_NONE && reason.input == kNoIndex) ||
        (source.output != BP_NONE && reason.output == kNoIndex)) {
      core_.host().log_misbehaviour(fmt::format(
          "query gave {} a reason with code {}, input {} or output {} that does not exist", node.label(),
          source.code, static_cast<int32_t>(source.input), static_cast<int32_t>(source.output)));
    }
    return reason;
  }

  std::vector<bool> reported_;
  const ProviderCore& core_;
  const GraphView& view_;
  bp_verdict_sink sink_{};
};

}  // namespace

Result<std::vector<Verdict>> Device::query(const GraphView& view, const OptionSet& options) const {
  VerdictCollector collector(*core_, view);
  BP_RETURN_IF_ERROR(core_->call("query", label_, [&] {
    return core_->capability.query(handle_, view.abi(), options.abi(), collector.sink());
  }));
  if (!collector.problem.empty()) return core_->misbehaves(collector.problem);
  collector.reject_missing();

  // Back to one entry per node that was asked about.
  std::vector<Verdict> verdicts(view.nodes().size());
  size_t shown = 0;
  size_t hidden = 0;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (hidden < view.withheld().size() && view.withheld()[hidden].position == i) {
      verdicts[i].reasons.push_back(view.withheld()[hidden++].reason);
    } else {
      verdicts[i] = std::move(collector.verdicts[shown++]);
    }
  }
  return verdicts;
}

Result<PartitionAnswer> Device::query_partition(const GraphView& partition, const OptionSet& options) const {
  PartitionAnswer result;
  if (core_->capability.query_partition == nullptr) return result;
  bp_partition_answer answer{};
  answer.struct_size = BP_STRUCT_SIZE(bp_partition_answer, text);
  BP_RETURN_IF_ERROR(core_->call("query_partition", label_, [&] {
    const bp_status status =
        core_->capability.query_partition(handle_, partition.abi(), options.abi(), &answer);
    if (status == nullptr) result.text = text_of(answer.text);  // valid until the next call from this thread
    return status;
  }));
  if (answer.kind < BP_PARTITION_ACCEPT || answer.kind > BP_PARTITION_SPLIT) {
    return core_->misbehaves(fmt::format("query_partition gave the unknown answer {}", answer.kind));
  }
  result.kind = static_cast<PartitionAnswerKind>(answer.kind);
  if (result.kind == PartitionAnswerKind::kAccept) return result;
  const bool known = answer.reason_code >= BP_REASON_OPERATOR && answer.reason_code <= BP_REASON_OTHER;
  result.reason_code = known ? static_cast<ReasonCode>(answer.reason_code) : ReasonCode::kOther;
  if (result.kind == PartitionAnswerKind::kSplit) {
    if (answer.split_node == 0 || answer.split_node >= partition.shown_nodes().size()) {
      return core_->misbehaves(fmt::format("query_partition splits a partition of {} nodes before node {}",
                                           partition.shown_nodes().size(), answer.split_node));
    }
    result.split_node = answer.split_node;
  }
  return result;
}

}  // namespace bp
