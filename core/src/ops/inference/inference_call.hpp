// What an inference function of ours sees of a node, and where it writes. Works on our own types alone, with
// symbolic dims; no protobuf.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "ops/dim_math.hpp"

namespace bp {

// What is known of one input. Pointers are borrowed for the call.
struct KnownInput {
  const ValueType* type = nullptr;          // nullptr: an omitted optional input
  const Tensor* tensor = nullptr;           // its value, when known in full
  const ShapeElements* elements = nullptr;  // a 0-D or 1-D integer tensor of which each element is known or not
};

struct InferenceCall {
  const Node& node;
  std::span<const KnownInput> inputs;
  std::vector<ValueType>& outputs;  // one per output, kUnknown at first
  DimMath& math;

  bool has(size_t i) const noexcept { return i < inputs.size() && inputs[i].type != nullptr; }
  ElementType element(size_t i) const noexcept {
    return has(i) ? inputs[i].type->element : ElementType::kUndefined;
  }
  // nullptr when the input is omitted or its rank is unknown.
  const Dims* dims(size_t i) const noexcept {
    return has(i) && inputs[i].type->has_rank ? &inputs[i].type->dims : nullptr;
  }
  // The whole value of an integer input.
  std::optional<std::vector<int64_t>> ints(size_t i) const;
  // The operand of input `i`, or of the attribute that it was in older forms. `stated`: whether there is
  // either.
  struct IntOperand {
    bool stated = false;
    std::optional<std::vector<int64_t>> values;
  };
  IntOperand int_operand(size_t i, const char* attribute) const;
  // The whole value of a float input.
  std::optional<std::vector<float>> floats(size_t i) const;
  // The elements of a 0-D or 1-D integer input, so far as they are known; nothing when not even their number
  // is.
  std::optional<ShapeElements> elements(size_t i) const;

  void set(size_t output, ElementType element) {
    if (output < outputs.size()) outputs[output] = ValueType::tensor(element);
  }
  void set(size_t output, ElementType element, Dims dims) {
    if (output < outputs.size()) outputs[output] = ValueType::tensor(element, std::move(dims));
  }
};

using InferenceFunction = Status (*)(InferenceCall& call);

template <class... Args>
Status inference_error(fmt::format_string<Args...> format, Args&&... args) {
  return {ErrorCode::kInvalidModel, fmt::format(format, std::forward<Args>(args)...)};
}

// `axis` counted from the front; an error when it is outside [-rank, rank).
Result<size_t> checked_axis(int64_t axis, size_t rank);
// The dims of elementwise operands joined by numpy's rule; aligned at the last dim.
Result<Dims> broadcast_dims(std::span<const Dims* const> operands);

}  // namespace bp
