// The oracle's tensor: floats as doubles, integers and bools as int64 (uint64 by its bits), strings. Results
// are rounded to their type when they become a tensor, not before.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compare/numbers.hpp"
#include "graph/tensor.hpp"

namespace bp::conformance {

__extension__ typedef __int128 Wide;  // holds int64 and uint64, and their products

struct Array {
  ElementType type = ElementType::kFloat32;
  ConcreteDims dims;
  std::vector<double> reals;         // float types
  std::vector<int64_t> ints;         // integer types and bool
  std::vector<std::string> strings;  // strings

  Array() = default;
  // Zeros, or empty strings.
  Array(ElementType type, ConcreteDims dims);

  bool is_real() const noexcept { return is_float_type(type); }
  int64_t count() const noexcept { return element_count(dims); }
  int64_t rank() const noexcept { return static_cast<int64_t>(dims.size()); }
  // Any number as a double.
  double real(int64_t index) const;
  Wide wide(int64_t index) const;
  // Rounds towards zero where the array is of integers.
  void set(int64_t index, double value);
  // Keeps the low bits that the type has.
  void set_wide(int64_t index, Wide value);
  void copy_element(int64_t index, const Array& from, int64_t at);
};

Array to_array(const Tensor& tensor);
TensorPtr to_tensor(const Array& array);

// Row-major steps of `dims`.
std::vector<int64_t> strides_of(const ConcreteDims& dims);
int64_t product(std::span<const int64_t> dims);
// Calls `visit(index, flat)` for every index of `dims` in row-major order.
void for_each_index(const ConcreteDims& dims,
                    const std::function<void(const std::vector<int64_t>&, int64_t)>& visit);
// Multidirectional broadcasting; throws std::runtime_error where it does not work.
ConcreteDims broadcast(const ConcreteDims& a, const ConcreteDims& b);
// The flat index in `dims` of `index` in what it is broadcast to.
int64_t broadcast_place(const std::vector<int64_t>& index, const ConcreteDims& dims);
// `source` at the places that `place` gives; -1 keeps `fill` (or zero).
Array gather(const Array& source, ConcreteDims dims,
             const std::function<int64_t(const std::vector<int64_t>&)>& place, const Array* fill = nullptr);

}  // namespace bp::conformance
