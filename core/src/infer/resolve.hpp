// Concrete shapes for one key. Built once per graph, then called whenever new input dims (or key contents)
// appear. A call starts from what the last one found: only nodes behind something that changed are looked at
// again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "graph/shared_dims.hpp"
#include "infer/host_values.hpp"

namespace bp {

// Something known of a value beyond the graph's inputs: the dims of a data-dependent result, integers that were
// read back, or what a body's caller knows.
struct ShapeFact {
  ValueId value = kNoId;
  ConcreteDims dims;
  TensorPtr tensor;  // nullptr: only the dims are known
};

struct ResolvedShapes {
  // By ValueId; meaningful where known. Values that are no tensors are never known.
  SharedDims dims;
  std::vector<bool> known;
  // By ValueId: constants excepted, the contents of host values and of the facts given.
  std::vector<TensorPtr> host_values;
};

class ShapeResolver {
 public:
  // `graph` (inferred, canonical) must outlive the resolver and not change.
  static Result<ShapeResolver> create(const Graph& graph);

  ShapeResolver(ShapeResolver&&) noexcept;
  ShapeResolver& operator=(ShapeResolver&&) noexcept;
  ~ShapeResolver();

  const HostValues& host_values() const noexcept;

  // `input_dims`: of every graph input, in order. `input_values`: contents of the inputs, in order, nullptr
  // where not known; those of key inputs are needed, and an overridable input that keeps its default may be
  // left out. Dims that depend on data stay unknown, and so does what follows from them, unless `facts` says
  // them. Wrong dims give INVALID_ARGUMENT for an input (its name, expected, found), INVALID_MODEL for a node
  // (its label). [any-thread]
  Result<ResolvedShapes> resolve(std::span<const ConcreteDims> input_dims,
                                 std::span<const TensorPtr> input_values = {},
                                 std::span<const ShapeFact> facts = {}) const;

 private:
  struct State;
  explicit ShapeResolver(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace bp
