// Which operators the core runs because they make or open sequences, optionals and maps.
#pragma once

#include "graph/graph.hpp"

namespace bp {

// kNone for every node that devices run. `first`: the type of input 0, kUnknown when it has none.
ContainerKind container_kind(const Node& node, const ValueType& first) noexcept;

}  // namespace bp
