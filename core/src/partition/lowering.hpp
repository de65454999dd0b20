// The "lower" of "raise, ask, lower": which composites are taken apart, and doing it.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "partition/choice.hpp"
#include "partition/partition.hpp"

namespace bp::partitioning {

// For a node that came from a composite: "lowered from LayerNormalization 'ln' (CPU:0: ...)".
using LoweringNotes = std::unordered_map<NodeId, std::string>;

// A composite is lowered when no device takes it whole, or when a device before the first one that
// does takes all of its parts. Returns how many were; 0: the verdicts stand. After a change ids of new
// nodes exceed the old ones, and everybody must be asked again.
Result<size_t> lower_composites(Graph& graph, const NodeFacts& facts, const Verdicts& verdicts,
                                std::span<DeviceQuery* const> devices, const PartitionHooks& hooks,
                                LoweringNotes& notes);

}  // namespace bp::partitioning
