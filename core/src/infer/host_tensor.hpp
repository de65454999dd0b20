// A small tensor in the form in which the shape evaluator works: all integers as int64, all floats as double,
// rounded to the element type after each operation.
#pragma once

#include <optional>
#include <vector>

#include "graph/tensor.hpp"

namespace bp {

struct HostTensor {
  ElementType element = ElementType::kInt64;
  ConcreteDims dims;
  std::vector<int64_t> ints;  // when is_integer(element), bool included
  std::vector<double> reals;  // otherwise

  bool is_real() const noexcept { return element == ElementType::kFloat32 || element == ElementType::kFloat64; }
  size_t count() const noexcept { return is_real() ? reals.size() : ints.size(); }
  size_t rank() const noexcept { return dims.size(); }
};

// Elements that the evaluator takes: bool, integers of 8 to 64 bits, float32, float64.
bool is_host_element(ElementType type) noexcept;
std::optional<HostTensor> read_host_tensor(const Tensor& tensor);
TensorPtr to_tensor(const HostTensor& tensor);
// `value` as the element type stores it: integers wrap, floats round.
int64_t wrapped(int64_t value, ElementType type) noexcept;
double rounded(double value, ElementType type) noexcept;
// A tensor of `count(dims)` zeros.
HostTensor zeros(ElementType element, ConcreteDims dims);

}  // namespace bp
