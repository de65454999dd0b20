// The shape evaluator: the one place where the core computes. About fifty operators on small integer, bool and
// float tensors that shapes are made of, by ONNX's semantics. Not a fallback for data.
#pragma once

#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// A value that is not demanded by a shape is followed only up to this size.
inline constexpr int64_t kMaxHostElements = 4096;

// An operand of the evaluator: the value, or (Shape, Size) only its dims.
struct EvalInput {
  const Tensor* tensor = nullptr;
  const ConcreteDims* dims = nullptr;
};

// Does the evaluator know the node's operator? Says nothing about its inputs' values.
bool can_evaluate(const Node& node) noexcept;
// True for Shape and Size: they need the dims of their input, not its value.
bool reads_only_dims(const Node& node) noexcept;
// One tensor per output. UNSUPPORTED when the operands are of an element type or size that it does not take;
// INVALID_MODEL when the values are wrong. The error has no place in it.
Result<std::vector<TensorPtr>> evaluate(const Node& node, std::span<const EvalInput> inputs);

}  // namespace bp
