#include "partition/confirm.hpp"

#include <cstddef>
#include <utility>

namespace bp::partitioning {
namespace {

PartitionAnswer checked(Result<PartitionAnswer> answer, size_t node_count) {
  PartitionAnswer rejected;
  rejected.kind = PartitionAnswerKind::kReject;
  if (!answer.ok()) {
    rejected.text = "the question about the partition failed: " + answer.status().to_string();
    return rejected;
  }
  switch (answer->kind) {
    case PartitionAnswerKind::kAccept:
    case PartitionAnswerKind::kReject:
      return std::move(*answer);
    case PartitionAnswerKind::kSplit:
      if (answer->split_node > 0 && answer->split_node < node_count) return std::move(*answer);
      rejected.text =
          "split at node " + std::to_string(answer->split_node) + " of " + std::to_string(node_count);
      return rejected;
  }
  rejected.text = "an answer of unknown kind";
  return rejected;
}

std::pair<Group, Group> cut_at(const Group& group, size_t place) {
  const auto middle = group.nodes.begin() + static_cast<std::ptrdiff_t>(place);
  return {{group.owner, {group.nodes.begin(), middle}}, {group.owner, {middle, group.nodes.end()}}};
}

}  // namespace

Confirmation Confirmer::run(const Graph& graph, const NodeFacts& facts, const std::vector<Group>& groups) {
  Confirmation result;
  PartitionMaker maker(graph);
  for (const Group& group : groups) {
    if (group.owner == kCoreOwner) {
      result.groups.push_back(group);
    } else {
      confirm(graph, facts, group, maker, result);
    }
  }
  return result;
}

// A prefix in topological order and the rest never depend on each other both ways, so both pieces
// stay convex. A rejected group is halved: a claim is broken only by a node that is alone.
void Confirmer::confirm(const Graph& graph, const NodeFacts& facts, const Group& whole, PartitionMaker& maker,
                        Confirmation& result) {
  std::vector<Group> open = {whole};  // the next one is the last
  while (!open.empty()) {
    Group group = std::move(open.back());
    open.pop_back();
    const std::pair key(group.owner, group.nodes);
    if (accepted_.contains(key)) {
      result.groups.push_back(std::move(group));
      continue;
    }
    PartitionAnswer answer =
        checked(devices_[group.owner]->query_partition(graph, facts, maker.make(group)), group.nodes.size());
    if (answer.kind == PartitionAnswerKind::kAccept) {
      accepted_.insert(key);
      result.groups.push_back(std::move(group));
    } else if (group.nodes.size() > 1) {
      const bool split = answer.kind == PartitionAnswerKind::kSplit;
      auto [first, rest] = cut_at(group, split ? answer.split_node : group.nodes.size() / 2);
      open.push_back(std::move(rest));
      open.push_back(std::move(first));
    } else {
      Reason reason;
      reason.code = answer.reason_code;
      reason.text = "took the node, then refused it in a partition" +
                    (answer.text.empty() ? std::string() : ": " + answer.text);
      result.broken.push_back({group.nodes[0], group.owner, std::move(reason)});
    }
  }
}

}  // namespace bp::partitioning
