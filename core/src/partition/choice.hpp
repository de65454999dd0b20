// Which device gets a node: the first in the user's order that takes it, or the cheapest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "partition/partition.hpp"
#include "partition/stages.hpp"

namespace bp::partitioning {

inline constexpr uint32_t kNoOwner = 0xFFFFFFFFu;

// verdicts[device][node]
using Verdicts = std::vector<std::vector<Verdict>>;

// By NodeId: device index, kHostOwner, kCoreOwner, or kNoOwner where nobody takes it.
std::vector<uint32_t> choose_in_order(const Graph& graph, const NodeFacts& facts, const Verdicts& verdicts);

// Like choose_in_order, but where every device that takes a node states its cost, the cheapest gets it.
// Groups that cost more in copies than they gain then move to a neighbour's device.
std::vector<uint32_t> choose_by_cost(const Graph& graph, const std::vector<NodeId>& order,
                                     const NodeFacts& facts, const Verdicts& verdicts,
                                     std::span<DeviceQuery* const> devices, const PartitionOptions& options);

// The verdicts of the owners, as assign_stages wants them.
Ownership ownership_of(std::vector<uint32_t> owner, const Verdicts& verdicts);

}  // namespace bp::partitioning
