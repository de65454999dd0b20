// Checks one node against its operator's signature: arity, attributes, element types. Shapes are infer's
// business.
#pragma once

#include <span>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// `opsets`: those of the main graph (bodies have none of their own). A node whose since_version is set is
// checked against that form. Nodes of domains outside the standard pass: a provider may know them.
Status check_node(const Node& node, const Graph& graph, std::span<const OpsetImport> opsets);
// For nodes of a main graph.
Status check_node(const Node& node, const Graph& graph);

// Types of the inputs only, for a node of which the rest was checked: they may show only once types are
// inferred. What the outputs are is the inference's word.
Status check_input_types(const Node& node, const Graph& graph, std::span<const OpsetImport> opsets);

// The opset of `domain` among `opsets`; 0 when it is not imported.
int64_t imported_version(std::span<const OpsetImport> opsets, std::string_view domain) noexcept;

}  // namespace bp
