// A small valid node of every operator and form, for what asks about all of them: the table of coverage, and
// tests.
#pragma once

#include <memory>
#include <vector>

#include "backplane/element_type.hpp"
#include "graph/graph.hpp"
#include "ops/op_schema.hpp"
#include "ops/operator_list.hpp"

namespace bp {

// Does the node hold bodies? Such nodes have no sample: the core runs them itself.
bool has_bodies(const OpSchema& schema);

// The element types that the leading type parameter takes, the one that a sample's types follow: that of the
// first input that leaves a choice. One entry, kUndefined, where no input does.
std::vector<ElementType> sample_types(const OpSchema& schema);

// A graph that imports the form's opset and holds one node, "sample", with inputs "in0", ... or constants, and
// outputs "out0", ...; the leading type parameter is `element`. nullptr: there is no sample for that.
std::unique_ptr<Graph> sample_graph(const OpSchema& schema, ElementType element);

}  // namespace bp
