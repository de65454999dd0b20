// The walk over one graph and its bodies; infer.cpp starts it. Inside infer only.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "infer/shape_values.hpp"

namespace bp {

class GraphInference {
 public:
  // `opsets`: the main graph's, for nodes whose since_version is not set yet.
  GraphInference(std::span<const OpsetImport> opsets, SymbolTable& symbols)
      : opsets_(opsets), symbols_(symbols), math_(&symbols) {}

  // `known`: what is known of the graph's inputs, by position; may be shorter.
  Status run(Graph& graph, std::span<const KnownValue> known_inputs);

 private:
  // What is known of the values of the graph being walked, by id.
  using Known = std::vector<KnownValue>;

  Status infer_node(Graph& graph, NodeId id, Known& known);
  Status infer_plain(Graph& graph, const Node& node, Known& known);
  void propagate_values(Graph& graph, const Node& node, std::span<const KnownInput> inputs, Known& known);
  Status set_type(Graph& graph, const Node& node, size_t output, const ValueType& inferred);
  void name_dims(const Graph& graph, ValueId id, ValueType& type);

  // regions.cpp
  Status infer_branch(Graph& graph, const Node& node, const Known& known);
  Status infer_loop(Graph& graph, const Node& node, const Known& known);
  Status infer_scan(Graph& graph, const Node& node, const Known& known);
  // The form of opset 8, which is there until canonicalize: its types stay as they are declared.
  bool is_batched_scan(const Node& node) const;
  Status run_body(Graph& body, const Graph& outer, const Node& node, std::span<const ValueType> own_inputs,
                  const Known& known);
  void free_changed_dims(const ValueType& before, std::set<SymbolId>& freed, ValueType& common);
  Result<std::vector<ValueType>> settle_carried(const Graph& body, const Graph& outer, const Node& node,
                                                std::vector<ValueType> inputs, size_t first, size_t count,
                                                size_t first_output, const Known& known);

  std::span<const OpsetImport> opsets_;
  SymbolTable& symbols_;
  DimMath math_;
  size_t trial_nodes_ = 0;  // of bodies inferred to settle carried types
};

}  // namespace bp
