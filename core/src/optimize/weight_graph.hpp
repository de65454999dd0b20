// A graph of constants that computes new weights. The core has no arithmetic, so the session's folder runs it,
// for all candidates of a pass in one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "optimize/pass.hpp"

namespace bp::optimize_passes {

// The axis of the output channels in the weights of a convolution; -1 where the node is none that a factor per
// channel can move into.
int64_t weight_channel_axis(const Node& node);

class WeightGraph {
 public:
  explicit WeightGraph(const Graph& source);

  // A constant of the source graph, all float32.
  ValueId copy(ValueId value);
  ValueId constant(TensorPtr tensor);
  ValueId scalar(float number);
  // One float32 output of `dims`.
  ValueId node(const char* op_type, std::vector<ValueId> inputs, ConcreteDims dims);
  ValueId reshape(ValueId value, ConcreteDims dims);
  const ConcreteDims& dims(ValueId value) const { return dims_[value]; }
  void add_output(ValueId value) { graph_.add_output(value); }

  // The outputs in order; nothing, with a note in the report, where there is no folder or it fails.
  Result<std::optional<std::vector<TensorPtr>>> run(PassContext& context) const;

 private:
  const Graph& source_;
  Graph graph_;
  std::vector<ConcreteDims> dims_;  // by ValueId of graph_
};

}  // namespace bp::optimize_passes
