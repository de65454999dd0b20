// Concrete shapes of a graph's values for one key, and the host values that follow from it. Who settles them
// is infer; the session connects the two.
#pragma once

#include <functional>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "graph/shared_dims.hpp"

namespace bp {

struct SettledShapes {
  SharedDims dims;                  // by ValueId; kUnknownDim where a size depends on data
  std::vector<bool> known;          // by ValueId: `dims` is complete
  std::vector<TensorPtr> contents;  // by ValueId: of host values and key values; else null
};

// Something known of a value that is no input of the graph: made by an earlier segment.
struct KnownShape {
  ValueId value = kNoId;
  ConcreteDims dims;
  TensorPtr contents;  // null: only the dims
};

struct ShapeQuestion {
  std::vector<ConcreteDims> input_dims;   // as Graph::inputs()
  std::vector<TensorPtr> input_contents;  // as Graph::inputs(), null where unknown
  std::vector<KnownShape> known;
};

using SettleShapes = std::function<Result<SettledShapes>(const ShapeQuestion& question)>;  // [any-thread]

}  // namespace bp
