// The report of a session: decisions of the partitioner, steps of the programs, memory of the plan.
#include "session/describe.hpp"
#include "session/session_impl.hpp"

namespace bp {
namespace {

class Reporter {
 public:
  Reporter(const PlaceSettings& settings, SessionReport& report) : settings_(settings), report_(report) {
    for (const CompileDevice& device : settings_.devices) report_.devices.push_back(device.device->label());
  }

  void add(const ExecutableGraph& executable, uint32_t depth, const std::string& body_of) {
    const PartitionedGraph& partitioned = *executable.compiled().graph;
    const Graph& graph = executable.graph();
    const auto first_partition = static_cast<int64_t>(report_.partitions.size());
    for (size_t index = 0; index < partitioned.partitions.size(); ++index) {
      ReportPartition described;
      const Partition& partition = partitioned.partitions[index];
      described.device = report_.devices[partition.device];
      for (const NodeId node : partition.nodes) described.nodes.push_back(graph.node(node).name);
      for (const ValueId value : partition.inputs) described.inputs.push_back(graph.value(value).name);
      for (const ValueId value : partition.outputs) described.outputs.push_back(graph.value(value).name);
      described.compile_ns = executable.compiled().partitions[index].compile_ns;
      described.note = executable.compiled().partitions[index].note;
      report_.partitions.push_back(std::move(described));
    }
    add_instances(executable, static_cast<size_t>(first_partition));
    report_.segments += static_cast<uint32_t>(executable.plan().segments.size());
    report_.specializations += executable.settled_count();
    for (const NodeId id : graph.topological_order()) {
      add_node(partitioned, id, first_partition, depth, body_of);
      for (const auto& region : executable.regions())
        if (region.node == id)
          for (size_t body = 0; body < region.bodies.size(); ++body)
            add(*region.bodies[body], depth + 1, graph.node(id).label() + " body " + std::to_string(body));
    }
  }

 private:
  void add_node(const PartitionedGraph& partitioned, NodeId id, int64_t first_partition, uint32_t depth,
                const std::string& body_of) {
    const Graph& graph = *partitioned.graph;
    const Node& node = graph.node(id);
    const Decision& decision = partitioned.decisions[id];
    const NodeInfo info = describe_node(graph, node);
    ReportNode described;
    described.name = node.name;
    described.op_type = node.domain.empty() ? node.op_type : node.domain + "." + node.op_type;
    described.inputs = info.inputs;
    described.outputs = info.outputs;
    for (const ValueId output : node.outputs)
      described.output_types.push_back(output == kNoId ? ""
                                                       : graph.value(output).type.to_string(graph.symbols()));
    switch (decision.placement) {
      case Placement::kDevice:
        described.placement = report_.devices[partitioned.partitions[decision.partition].device];
        described.partition = first_partition + decision.partition;
        break;
      case Placement::kHost:
        described.placement = "host";
        break;
      case Placement::kCore:
        described.placement = "core";
        break;
    }
    for (size_t device = 0; device < decision.verdicts.size(); ++device)
      described.verdicts.push_back(describe_verdict(report_.devices[device], decision.verdicts[device]));
    described.origin = node.origin;
    described.note = decision.note;
    described.depth = depth;
    described.body_of = body_of;
    report_.nodes.push_back(std::move(described));
  }

  static ReportVerdict describe_verdict(const std::string& device, const Verdict& verdict) {
    ReportVerdict described;
    described.device = device;
    described.supported = verdict.supported;
    for (const Reason& reason : verdict.reasons) {
      ReportReason text;
      text.code = reason_code_name(reason.code);
      if (reason.input != kNoIndex)
        text.subject = "input " + std::to_string(reason.input);
      else if (reason.output != kNoIndex)
        text.subject = "output " + std::to_string(reason.output);
      else if (!reason.attribute.empty())
        text.subject = "attribute '" + reason.attribute + "'";
      text.text = reason.text;
      described.reasons.push_back(std::move(text));
    }
    return described;
  }

  void add_instances(const ExecutableGraph& executable, size_t first_partition) {
    const Graph& graph = executable.graph();
    const MemorySpaces& spaces = executable.spaces();
    for (const auto& instance : executable.latest_instances()) {
      if (instance == nullptr) continue;
      for (const SegmentItem& item : instance->items) {
        ReportPartition& described = report_.partitions[first_partition + item.partition];
        described.workspace_bytes = item.instance->info().workspace_bytes;
        if (const auto steps = item.instance->describe(); steps.ok())
          for (const StepInfo& step : *steps) {
            ReportStep text{step.name, step.implementation, {}, step.note};
            for (const NodeId node : step.nodes) text.nodes.push_back(graph.node(node).name);
            described.steps.push_back(std::move(text));
          }
        report_.step_count += std::max<size_t>(described.steps.size(), 1);
      }
      for (const Step& step : instance->steps) {
        if (step.kind != StepKind::kCopy) continue;
        const Location& src = instance->locations[step.src];
        const Location& dst = instance->locations[step.dst];
        report_.copies.push_back({graph.value(src.value).name, spaces.space(src.space).name,
                                  spaces.space(dst.space).name, dst.size});
      }
      for (uint32_t space = 0; space < spaces.count(); ++space) {
        const SpaceTotal& total = instance->layout.spaces[space];
        if (total.size_bytes > 0)
          report_.arenas.push_back({spaces.space(space).name, total.size_bytes, total.lower_bound_bytes});
      }
    }
  }

  const PlaceSettings& settings_;
  SessionReport& report_;
};

}  // namespace

SessionReport Session::Impl::report() const {
  SessionReport report;
  const auto placed = this->placed();
  Reporter(settings_, report).add(*placed->executable, 0, {});
  report.phases = phases_;
  report.passes = passes_;
  report.threads = settings_.thread_count;
  const std::lock_guard lock(mutex_);
  report.notes = notes_;
  return report;
}

}  // namespace bp
