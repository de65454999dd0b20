// The optimize phase: a canonical, inferred graph becomes a smaller one with the same results.
// One pass is one file; pipeline.cpp holds their order and the levels. No provider is known here:
// constants are folded through the ConstantFolder that the session hands in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

enum class OptimizeLevel : uint8_t {
  kNone,   // the graph is left as it is
  kBasic,  // removes what has no effect: no-ops, dead nodes, constant and repeated work
  kAll,    // also rewrites: moves transposes, folds normalization, raises composites
};

// Runs constant sub-graphs, on a provider whose memory the host can read. It is given whole
// sub-graphs, so that many small constants cost one call.
class ConstantFolder {
 public:
  virtual ~ConstantFolder() = default;
  // Per node of `graph` (by id): can it be run here? `graph` has no inputs; its leaves are constants.
  virtual Result<std::vector<bool>> can_fold(const Graph& graph) = 0;
  // The tensors of the outputs of `graph`, in order. Only for graphs of nodes that can_fold took.
  virtual Result<std::vector<TensorPtr>> fold(const Graph& graph) = 0;
};

struct OptimizeOptions {
  OptimizeLevel level = OptimizeLevel::kAll;
  ConstantFolder* folder = nullptr;  // none: constant folding is skipped, and the report says so
  // The core's own shape evaluator: the outputs of a node whose operands are constants (for Shape and Size:
  // have static dims); no tensors where it does not take the node. Empty: shape arithmetic is not folded.
  std::function<Result<std::vector<TensorPtr>>(const Graph&, NodeId)> evaluate_shape_node;
  // Infers the graph again, when a pass could know less than infer does (nodes that came out of a body, where
  // types are those that both branches share). May be empty.
  std::function<Status(Graph&)> infer;
  // A constant is not made when it is both larger than its inputs by this much and more than twice
  // their size: a file of 1 kB must not unfold to gigabytes.
  uint64_t max_fold_growth_bytes = uint64_t{1} << 20;
};

struct PassReport {
  std::string pass;  // "remove_noops"
  size_t changes = 0;
  std::vector<std::string> nodes;  // the nodes that it removed, replaced or made; bodies included
  std::vector<std::string> notes;  // what it did not do, and why
};

struct OptimizeReport {
  std::vector<PassReport> passes;  // one entry per pass, in the order of first use
  size_t nodes_before = 0;         // bodies included
  size_t nodes_after = 0;
};

Result<OptimizeReport> optimize(Graph& graph, const OptimizeOptions& options);

}  // namespace bp
