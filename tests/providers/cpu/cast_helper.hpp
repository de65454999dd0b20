// Test tensors in another floating-point type.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {

template <class T>
TestTensor cast(const TestTensor& from) {
  std::vector<T> values;
  const auto count = static_cast<size_t>(element_count(from.dims));
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<T>(static_cast<float>(from.at(i))));
  return tensor<T>(from.dims, values);
}

template <class T>
TestTensor cast(Dims dims, const std::vector<double>& from) {
  std::vector<T> values;
  for (const double x : from) {
    if constexpr (std::is_same_v<T, double>) {
      values.push_back(x);
    } else {
      values.push_back(static_cast<T>(static_cast<float>(x)));
    }
  }
  return tensor<T>(std::move(dims), values);
}

}  // namespace bp::cpu::test
