// The steps in their order: ask, lower and ask again, choose, group, confirm; then the bodies.
#include "partition/partition.hpp"

#include <algorithm>
#include <utility>

#include "partition/choice.hpp"
#include "partition/confirm.hpp"
#include "partition/groups.hpp"
#include "partition/lowering.hpp"
#include "partition/questions.hpp"
#include "partition/unplaced.hpp"

namespace bp {
namespace {

using namespace partitioning;  // NOLINT: this file is what that namespace is for

// Composites within composites within ...; a provider that answers differently each time must not
// keep us here for ever.
constexpr int kMaxLoweringRounds = 16;

class Partitioner {
 public:
  Partitioner(std::shared_ptr<Graph> graph, std::span<DeviceQuery* const> devices, const PartitionHooks& hooks,
              const PartitionOptions& options, UnplacedNodes& unplaced)
      : graph_(std::move(graph)), devices_(devices), hooks_(hooks), options_(options), unplaced_(unplaced) {}

  Result<PartitionedGraph> run() {
    BP_RETURN_IF_ERROR(ask_and_lower());
    place_and_confirm();
    record();
    BP_RETURN_IF_ERROR(partition_bodies());
    result_.graph = graph_;
    return std::move(result_);
  }

 private:
  Status ask_and_lower() {
    for (int round = 0;; ++round) {
      BP_ASSIGN_OR_RETURN(facts_, hooks_.classify(*graph_));
      if (facts_.on_host.size() != graph_->node_count() ||
          facts_.data_dependent.size() != graph_->node_count() ||
          facts_.read_back.size() != graph_->value_count()) {
        return Status(ErrorCode::kInternal, "the classification does not fit the graph");
      }
      // What the core's own nodes give has no dims before they have run.
      for (NodeId id = 0; id < graph_->node_count(); ++id) {
        if (graph_->node(id).runs_in_core()) facts_.data_dependent[id] = true;
      }
      verdicts_.clear();
      for (DeviceQuery* device : devices_) verdicts_.push_back(ask(*device, *graph_, facts_));
      if (devices_.empty() || round == kMaxLoweringRounds) return {};
      BP_ASSIGN_OR_RETURN(const size_t lowered,
                          lower_composites(*graph_, facts_, verdicts_, devices_, hooks_, notes_));
      if (lowered == 0) return {};
      if (hooks_.infer) BP_RETURN_IF_ERROR(hooks_.infer(*graph_));
    }
  }

  // Every round but the last ends with at least one claim fewer, and claims are finite.
  void place_and_confirm() {
    order_ = graph_->topological_order();
    Confirmer confirmer(devices_);
    while (true) {
      owner_ = options_.by_cost ? choose_by_cost(*graph_, order_, facts_, verdicts_, devices_, options_)
                                : choose_in_order(*graph_, facts_, verdicts_);
      std::vector<NodeId> placed;
      for (const NodeId id : order_) {
        if (owner_[id] != kNoOwner) placed.push_back(id);
      }
      const Ownership ownership = ownership_of(owner_, verdicts_);
      Confirmation answer = confirmer.run(*graph_, facts_, make_groups(*graph_, placed, ownership, facts_));
      groups_ = std::move(answer.groups);
      if (answer.broken.empty()) return;
      for (BrokenClaim& claim : answer.broken) {
        Verdict& verdict = verdicts_[claim.device][claim.node];
        verdict.supported = false;
        add_note(claim.node, "claim broken by " + devices_[claim.device]->name() + ": " + claim.reason.text);
        verdict.reasons.push_back(std::move(claim.reason));
      }
    }
  }

  void add_note(NodeId id, const std::string& text) {
    std::string& note = notes_[id];
    note += (note.empty() ? "" : "; ") + text;
  }

  void record() {
    result_.decisions.resize(graph_->node_count());
    for (const NodeId id : order_) {
      Decision& decision = result_.decisions[id];
      if (owner_[id] == kHostOwner) decision.placement = Placement::kHost;
      if (owner_[id] == kCoreOwner) decision.placement = Placement::kCore;
      if (const auto note = notes_.find(id); note != notes_.end()) decision.note = note->second;
      if (decision.placement != Placement::kDevice) continue;
      for (auto& of_device : verdicts_) decision.verdicts.push_back(std::move(of_device[id]));
      if (owner_[id] == kNoOwner) unplaced_.add(*graph_, id, decision, place_);
    }
    PartitionMaker maker(*graph_);
    for (const Group& group : groups_) {
      Item item;
      item.ends_segment = ends_segment(*graph_, group, facts_);
      item.is_core = group.owner == kCoreOwner;
      item.index = item.is_core ? group.nodes[0] : static_cast<uint32_t>(result_.partitions.size());
      if (!item.is_core) {
        for (const NodeId id : group.nodes) result_.decisions[id].partition = item.index;
        result_.partitions.push_back(maker.make(group));
      }
      result_.items.push_back(item);
    }
  }

  Status partition_bodies() {
    for (const Item& item : result_.items) {
      if (!item.is_core || graph_->node(item.index).region == RegionKind::kNone) continue;
      PartitionedGraph::Region region;
      region.node = item.index;
      const Node& node = graph_->node(item.index);
      for (size_t i = 0; i < node.regions.size(); ++i) {
        Partitioner inner(node.regions[i], devices_, hooks_, options_, unplaced_);
        inner.place_ = place_ + "body " + std::to_string(i) + " of " + node.label() + ", ";
        BP_ASSIGN_OR_RETURN(PartitionedGraph body, inner.run());
        region.bodies.push_back(std::make_shared<const PartitionedGraph>(std::move(body)));
      }
      result_.regions.push_back(std::move(region));
    }
    return {};
  }

  std::shared_ptr<Graph> graph_;
  std::span<DeviceQuery* const> devices_;
  const PartitionHooks& hooks_;
  const PartitionOptions& options_;
  UnplacedNodes& unplaced_;
  std::string place_;  // "body 0 of If 'x', ": where this graph is

  NodeFacts facts_;
  Verdicts verdicts_;
  LoweringNotes notes_;
  std::vector<NodeId> order_;
  std::vector<uint32_t> owner_;
  std::vector<Group> groups_;
  PartitionedGraph result_;
};

}  // namespace

Result<PartitionedGraph> partition(std::shared_ptr<Graph> graph, std::span<DeviceQuery* const> devices,
                                   const PartitionHooks& hooks, const PartitionOptions& options) {
  UnplacedNodes unplaced(devices, options.looked_for);
  BP_ASSIGN_OR_RETURN(PartitionedGraph result,
                      Partitioner(std::move(graph), devices, hooks, options, unplaced).run());
  BP_RETURN_IF_ERROR(unplaced.status());
  return result;
}

}  // namespace bp
