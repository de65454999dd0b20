// A bp_graph over our Graph: plain structs with stable addresses that providers read during a call.
// The graph must not change while a view of it lives. Constants stay alive through constants().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "backplane/provider/graph.h"
#include "graph/graph.hpp"
#include "graph/verdict.hpp"
#include "provider/constant_store.hpp"

namespace bp {

// The sizes that will be asked for in place of a symbol.
struct DimRange {
  int64_t min = 0;
  int64_t max = kUnknownDim;  // kUnknownDim: unbounded
  int64_t opt = 0;            // to tune for; 0: none stated
};

struct GraphViewOptions {
  // The form that the view shows: the smaller of the core's and the provider's canonical level. A node of
  // ai.onnx that is newer is withheld with NEWER_FORM.
  int32_t canonical_level = 0;
  std::unordered_map<SymbolId, DimRange> ranges;  // by symbol
  // By ValueId; empty: none. Values that the host knows when shapes are settled, and values with dims that
  // depend on data.
  std::vector<bool> host_values;
  std::vector<bool> data_dependent;
  // See HostHooks.
  std::function<void(const Tensor&)> constant_released;
};

class GraphView {
 public:
  // All alive nodes, for the query. Region nodes, nodes whose values are no tensors and nodes newer than the
  // level are withheld: they are in nodes() but a provider does not see them; what they make enters the view.
  static Result<std::unique_ptr<GraphView>> of_graph(const Graph& graph, GraphViewOptions options);
  // A cut partition: `nodes` in topological order, `inputs` and `outputs` in binding order. A node that would
  // be withheld is an error.
  static Result<std::unique_ptr<GraphView>> of_cut(const Graph& graph, std::span<const NodeId> nodes,
                                                   std::span<const ValueId> inputs,
                                                   std::span<const ValueId> outputs, GraphViewOptions options);
  ~GraphView();
  GraphView(const GraphView&) = delete;
  GraphView& operator=(const GraphView&) = delete;

  const bp_graph* abi() const noexcept { return &abi_; }
  const Graph& graph() const noexcept { return *graph_; }
  int32_t canonical_level() const noexcept { return options_.canonical_level; }

  // The nodes that were asked about, in topological order: what Device::query answers for, entry by entry.
  const std::vector<NodeId>& nodes() const noexcept { return nodes_; }
  // Withheld nodes (positions in nodes()) with why.
  struct Withheld {
    size_t position = 0;
    Reason reason;
  };
  const std::vector<Withheld>& withheld() const noexcept { return withheld_; }

  // Shown nodes and values by view index.
  const std::vector<NodeId>& shown_nodes() const noexcept { return shown_; }
  const std::vector<ValueId>& shown_values() const noexcept { return values_; }
  const std::vector<ValueId>& inputs() const noexcept { return inputs_; }
  const std::vector<ValueId>& outputs() const noexcept { return outputs_; }
  // BP_NONE when the view does not show it.
  uint32_t value_index(ValueId value) const noexcept;

  const std::shared_ptr<ConstantStore>& constants() const noexcept { return constants_; }

 private:
  struct Storage;
  GraphView(const Graph& graph, GraphViewOptions options);
  Status build();
  Status add_node(NodeId id);
  uint32_t show_value(ValueId id);
  void fill_values();
  void fill_dims();

  const Graph* graph_;
  GraphViewOptions options_;
  std::vector<NodeId> nodes_;
  std::vector<Withheld> withheld_;
  std::vector<NodeId> shown_;
  std::vector<ValueId> values_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::vector<uint32_t> index_of_value_;  // by ValueId
  std::shared_ptr<ConstantStore> constants_;
  std::unique_ptr<Storage> storage_;
  bp_graph abi_{};
};

}  // namespace bp
