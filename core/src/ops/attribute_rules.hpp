// What values attributes may have, where their kind does not say it: the words of an enumeration, the least and
// largest number, the element types.
#pragma once

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "ops/op_schema.hpp"

namespace bp {

// INVALID_MODEL names the attribute, what is allowed and what was found. Kinds have been checked.
Status check_attribute_values(const Node& node, const OpSchema& schema);

}  // namespace bp
