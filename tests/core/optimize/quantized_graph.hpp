// Builds small quantized graphs for the passes that raise them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/graph_builder.hpp"

namespace bp::test {

inline constexpr auto kBytes = ElementType::kUint8;

struct QuantizedBuilder : GraphBuilder {
  ValueId bytes(const std::string& name, ConcreteDims dims, const std::vector<int>& values,
                ElementType type = ElementType::kUint8) {
    std::vector<std::byte> stored;
    for (const int value : values) stored.push_back(static_cast<std::byte>(value));
    return graph().add_constant(name, Tensor::copy_of(type, std::move(dims), stored));
  }
  ValueId int32s(const std::string& name, const std::vector<int32_t>& values) {
    return graph().add_constant(name,
                                Tensor::copy_of(ElementType::kInt32, {static_cast<int64_t>(values.size())},
                                                std::as_bytes(std::span(values))));
  }
  ValueId scale(float number) { return floats({}, {}, {number}); }
  ValueId zero(int number, ElementType type = kBytes) { return bytes({}, {}, {number}, type); }
  ValueId quantize(ValueId x, const std::vector<int64_t>& dims, float by, int zero_point,
                   ElementType type = kBytes) {
    return node("QuantizeLinear", {x, scale(by), zero(zero_point, type)}, tensor_type(type, dims));
  }
  ValueId dequantize(ValueId x, const std::vector<int64_t>& dims, float by, int zero_point,
                     ElementType type = kBytes) {
    return node("DequantizeLinear", {x, scale(by), zero(zero_point, type)}, dims);
  }
  // An input of the graph that is quantized and dequantized.
  ValueId quantized_input(const std::string& name, const std::vector<int64_t>& dims, float by, int zero_point) {
    return dequantize(quantize(input(name, dims), dims, by, zero_point), dims, by, zero_point);
  }
  // Weights by one scale per column, the zero points left out.
  ValueId column_weights() {
    const ValueId w = bytes("w", {3, 2}, {1, -2, 3, 4, -5, 6}, ElementType::kInt8);
    return node("DequantizeLinear", {w, floats("w_scale", {2}, {0.5f, 0.25f})}, {3, 2}, {{"axis", int64_t{1}}});
  }
};

}  // namespace bp::test
