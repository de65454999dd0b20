// Small tensors as runs see them, and back.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "execute/runtime_value.hpp"

namespace bp::test {

inline RuntimeValue ints(ConcreteDims dims, const std::vector<int64_t>& values) {
  return view_of(Tensor::of_int64(std::move(dims), values));
}
inline RuntimeValue floats(ConcreteDims dims, const std::vector<float>& values) {
  return view_of(Tensor::of_float(std::move(dims), values));
}
inline RuntimeValue words(ConcreteDims dims, const std::vector<std::string>& values) {
  return view_of(Tensor::of_strings(std::move(dims), values));
}
template <class T>
std::vector<T> elements_of(const RuntimeValue& value) {
  const T* first = static_cast<const T*>(value.host_data());
  return {first, first + element_count(value.dims)};
}
inline std::vector<std::string> words_of(const RuntimeValue& value) {
  const auto* offsets = static_cast<const uint64_t*>(value.host_data());
  const auto* text = reinterpret_cast<const char*>(value.string_bytes.address);
  std::vector<std::string> all;
  for (int64_t i = 0; i < element_count(value.dims); ++i)
    all.emplace_back(text + offsets[i], offsets[i + 1] - offsets[i]);
  return all;
}

}  // namespace bp::test
