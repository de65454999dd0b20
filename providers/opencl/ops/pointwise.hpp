// Rows of pointwise operators from formulas in OpenCL C. A chain of them is one kernel (expression.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "expression.hpp"
#include "ops/op.hpp"

namespace bp::opencl {

// A string as a template argument.
template <size_t N>
struct Code {
  constexpr Code(const char (&source)[N]) { std::copy_n(source, N, text.begin()); }  // NOLINT: from a literal
  [[nodiscard]] constexpr std::string_view view() const { return {text.data(), N - 1}; }
  std::array<char, N> text{};
};

// All inputs that are there have types of the mask; the first `kNeeded` are there.
template <TypeMask kTypes, size_t kNeeded>
void check_pointwise(Check& check) {
  for (size_t i = 0; i < kNeeded; ++i) check.required(i);
  for (size_t i = 0; i < check.input_count(); ++i) check.types(i, kTypes);
}

// One input. `kInteger`: the formula for integers, empty: the same.
template <Code kFloatCode, Code kInteger = "">
void build_unary(Builder& b) {
  const bool integer = !kInteger.view().empty() && in(b.input_type(0), kInts);
  b.expression(b.input_dims(0), std::string(integer ? kInteger.view() : kFloatCode.view()), {0});
}

// Two inputs that broadcast.
template <Code kFloatCode, Code kSigned = "", Code kUnsigned = "">
void build_binary(Builder& b) {
  std::string_view code = kFloatCode.view();
  if (in(b.input_type(0), kInts) && !kSigned.view().empty()) code = kSigned.view();
  if (in(b.input_type(0), kUnsignedInts) && !kUnsigned.view().empty()) code = kUnsigned.view();
  b.expression(broadcast_dims(b.input_dims(0), b.input_dims(1), b.node().label()), std::string(code), {0, 1});
}

}  // namespace bp::opencl
