// From a model as somebody wrote it to the graph that a provider sees.
#pragma once

#include <memory>
#include <span>

#include "graph/graph.hpp"

namespace bp::conformance {

enum class CoreShare : uint8_t {
  kNone,  // every node is a provider's
  kSome,
  kAll,  // control flow, sequences, optionals and maps only
};

struct PreparedGraph {
  std::unique_ptr<Graph> graph;  // checked, canonical, inferred
  CoreShare core = CoreShare::kNone;
};

// Takes the dims of `inputs` for those of the graph's inputs; without any the graph's own stay. Throws
// std::runtime_error for a graph that is wrong, and ends the case with NotApplicable for what the core does not
// take.
PreparedGraph prepare(std::unique_ptr<Graph> graph, std::span<const TensorPtr> inputs);

// Types again, from concrete dims of the inputs: what was known of other values by symbols is forgotten.
void infer_again(Graph& graph, std::span<const TensorPtr> inputs);

// What a composite node consists of, canonical and inferred; nullptr where the standard does not say.
std::shared_ptr<const Graph> parts_of(const Graph& graph, NodeId id);
// Puts them in the node's place.
void expand(Graph& graph, NodeId id, const Graph& parts);

}  // namespace bp::conformance
