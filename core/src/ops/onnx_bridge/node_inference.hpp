// Types and shapes of one node's outputs: through our own inference functions (ops/inference) where the table
// has one, else through libonnx's. Region nodes (If, Loop, Scan) are not for it: infer walks their bodies
// itself.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "ops/inference/inference_call.hpp"

namespace bp {

// Prepared once per node; const and safe to use from several threads at once.
class NodeInference {
 public:
  // Looks up the function in force at `opset` of the node's domain and prepares the attributes it will read. A
  // node for which there is none is valid: known() is false and nothing is inferred.
  static NodeInference create(const Node& node, int64_t opset);

  NodeInference(NodeInference&&) noexcept;
  NodeInference& operator=(NodeInference&&) noexcept;
  ~NodeInference();

  bool known() const noexcept;
  // `node`: the one given to create(). One type per output, kUnknown where nothing follows (an input of unknown
  // type, no function). The error has no place in it; the caller adds the node's label.
  Result<std::vector<ValueType>> infer(const Node& node, std::span<const KnownInput> inputs,
                                       DimMath& math) const;

 private:
  struct Prepared;
  explicit NodeInference(std::unique_ptr<const Prepared> prepared);
  std::unique_ptr<const Prepared> prepared_;
};

}  // namespace bp
