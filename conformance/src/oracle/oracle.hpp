// The reference: what an operator of the standard computes, in float64, written from its definition for
// clearness alone. Knows nothing of any provider.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "oracle/array.hpp"

namespace bp::conformance {

// One node with its operands.
struct OracleCall {
  const Node& node;
  std::vector<const Array*> inputs;  // nullptr: left out
  std::vector<ElementType> outputs;  // types; kUndefined: left out

  bool has(size_t input) const { return input < inputs.size() && inputs[input] != nullptr; }
  // Throws std::runtime_error when it is not there.
  const Array& in(size_t input) const;
  ElementType out(size_t output) const {
    return output < outputs.size() ? outputs[output] : ElementType::kUndefined;
  }
  bool wants(size_t output) const { return out(output) != ElementType::kUndefined; }
  int64_t attribute(std::string_view name, int64_t fallback) const { return node.int_or(name, fallback); }
  double real_attribute(std::string_view name, double fallback) const;
  std::string text_attribute(std::string_view name, std::string_view fallback) const;
  // Empty when it is not there.
  std::vector<int64_t> list_attribute(std::string_view name) const;
  std::vector<double> reals_attribute(std::string_view name) const;
  // The integers of an input; empty when it is left out.
  std::vector<int64_t> list_input(size_t input) const;
  double real_input(size_t input, double fallback) const;
  int64_t int_input(size_t input, int64_t fallback) const;
};

using OracleFunction = std::vector<Array> (*)(const OracleCall& call);

struct OracleRow {
  std::string_view domain;  // "" is ai.onnx
  std::string_view op_type;
  OracleFunction function;
};

// All that the oracle knows, family by family.
std::vector<OracleRow> oracle_rows();
// nullptr when the oracle does not know the operator.
OracleFunction find_oracle(std::string_view domain, std::string_view op_type);

// The axis counted from 0; throws std::runtime_error where `rank` has none such.
int64_t axis_in(int64_t axis, int64_t rank);

// The families; each is a file.
std::span<const OracleRow> unary_rows();
std::span<const OracleRow> activation_rows();
std::span<const OracleRow> binary_rows();
std::span<const OracleRow> cast_rows();
std::span<const OracleRow> reduction_rows();
std::span<const OracleRow> movement_rows();
std::span<const OracleRow> indexing_rows();
std::span<const OracleRow> selection_rows();
std::span<const OracleRow> linear_rows();
std::span<const OracleRow> convolution_rows();
std::span<const OracleRow> pooling_rows();
std::span<const OracleRow> normalization_rows();
std::span<const OracleRow> recurrent_rows();
std::span<const OracleRow> quantization_rows();
std::span<const OracleRow> generator_rows();
std::span<const OracleRow> loss_rows();
std::span<const OracleRow> signal_rows();
std::span<const OracleRow> image_rows();
std::span<const OracleRow> attention_rows();
std::span<const OracleRow> text_rows();
std::span<const OracleRow> learning_rows();

}  // namespace bp::conformance
