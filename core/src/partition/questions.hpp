// Asking devices: verdicts for all nodes of a graph, checked, so that the rest of the phase can rely on
// one verdict per node and at least one reason per refusal.
#pragma once

#include <vector>

#include "partition/partition.hpp"

namespace bp::partitioning {

// By NodeId. A failed query is a refusal of every node, the failure being the reason: one broken
// provider does not keep the others from being used.
std::vector<Verdict> ask(DeviceQuery& device, const Graph& graph, const NodeFacts& facts);

// Does the device take every node of `parts` that neither the host computes nor the core runs?
bool takes_all(DeviceQuery& device, const Graph& parts, const NodeFacts& facts);

// "CPU:0: OPERATOR: no such operator; GPU:0: TYPE: ..." for messages.
std::string reasons_text(const std::vector<Verdict>& verdicts, std::span<DeviceQuery* const> devices);

}  // namespace bp::partitioning
