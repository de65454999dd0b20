// Asking once more for every cut partition: devices may accept, split at a node, or reject.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "partition/groups.hpp"
#include "partition/partition.hpp"

namespace bp::partitioning {

// A node that its device took in the query and refused in a partition of its own.
struct BrokenClaim {
  NodeId node = kNoId;
  uint32_t device = 0;
  Reason reason;
};

struct Confirmation {
  std::vector<Group> groups;        // as accepted; a split group's pieces are neighbours, in order
  std::vector<BrokenClaim> broken;  // not empty: the nodes must be given to others, and asked again
};

// Answers are kept between rounds: the same question is not asked twice.
class Confirmer {
 public:
  explicit Confirmer(std::span<DeviceQuery* const> devices) : devices_(devices) {}
  Confirmation run(const Graph& graph, const NodeFacts& facts, const std::vector<Group>& groups);

 private:
  void confirm(const Graph& graph, const NodeFacts& facts, const Group& whole, PartitionMaker& maker,
               Confirmation& result);

  std::span<DeviceQuery* const> devices_;
  std::set<std::pair<uint32_t, std::vector<NodeId>>> accepted_;
};

}  // namespace bp::partitioning
