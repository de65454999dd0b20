// The operators: what a node must look like, the dims of its output, and the arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "provider.hpp"

namespace broken {

using Dims = std::vector<int64_t>;

// A value at a run.
struct Tensor {
  uint32_t element_type = BP_TYPE_UNDEFINED;
  Dims dims;
  std::byte* data = nullptr;
};

uint64_t count_of(const Dims& dims);
// 0 for types that no operator here takes.
uint64_t element_bytes(uint32_t element_type);

// One node at a run.
struct Call {
  std::span<const Tensor* const> inputs;
  Tensor* output;
  bool accumulate_float64;
  // Outputs whose dims depend on data: where the true ones go.
  int64_t* actual_dims;
};

enum class Form : uint8_t {
  kUnary,      // output like the input
  kBinary,     // broadcast
  kMatMul,     // 2-D; a constant right side is packed
  kReshape,    // the shape is a value at specialize
  kBounded,    // NonZero: dims written by the run
  kAllocated,  // Compress: memory asked of the host during the run
};

struct Operator {
  std::string_view name;
  Form form;
  uint32_t inputs;
  std::span<const uint32_t> types;  // element types of input 0
  // Rejects what is not as it must be, every reason.
  void (*check)(const bp::sdk::Node& node, bp::sdk::Verdict& verdict);
  void (*kernel)(const Call& call);
};

// NULL when there is none.
const Operator* find_operator(std::string_view name);

// Dims of the output. `shape`: of a Reshape. For bounded and allocated outputs the largest possible.
Dims infer(const Operator& op, std::span<const Tensor* const> inputs, const Dims& shape);

// How many elements a Compress keeps.
uint64_t count_kept(const Tensor& input, const Tensor& condition);

}  // namespace broken
