// A graph as one partition on the device under test: asked about, compiled, specialized, bound, run, and looked
// at afterwards: guards intact, inputs unchanged, results whole.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "graph/shared_dims.hpp"
#include "graph/verdict.hpp"
#include "harness/device_under_test.hpp"
#include "provider/program.hpp"

namespace bp::conformance {

using ReasonCounts = std::map<std::string, uint64_t>;

// What the device says of a graph.
struct PieceVerdict {
  bool supported = false;         // every node
  bool whole = false;             // and as one partition
  std::vector<NodeId> rejected;   // nodes
  ReasonCounts reasons;           // why
  std::string text;               // the first of them, for people
  std::vector<Verdict> verdicts;  // by node id
};

// `graph`: canonical and inferred, inputs of tensors; all of its nodes are asked about.
PieceVerdict ask(const Graph& graph, DeviceUnderTest& target);

// A compiled graph; may be run with several shapes.
class Piece {
 public:
  // Ends the case with Fail: what was claimed must compile. `graph` outlives the piece.
  Piece(const Graph& graph, PieceVerdict verdict, DeviceUnderTest& target);

  // `inputs`: one for each input of the graph. Ends the case with Fail for a broken rule, with Unsupported
  // where the program refuses the shapes. Returns a tensor for each output of the graph.
  std::vector<TensorPtr> run(std::span<const TensorPtr> inputs);
  // Of the last run.
  const Instance& instance() const { return *instance_; }
  // Binds the instance of the last run to other dims, which must lie inside its ranges, and runs it.
  std::vector<TensorPtr> run_in_range(std::span<const TensorPtr> inputs);

 private:
  std::vector<TensorPtr> execute(std::span<const TensorPtr> inputs);
  SharedDims settle(std::span<const TensorPtr> inputs, std::vector<TensorPtr>& contents) const;

  const Graph& graph_;
  PieceVerdict verdict_;
  DeviceUnderTest& target_;
  std::vector<ValueId> inputs_, outputs_;  // of the partition
  std::shared_ptr<Program> program_;
  std::shared_ptr<Instance> instance_;
};

}  // namespace bp::conformance
