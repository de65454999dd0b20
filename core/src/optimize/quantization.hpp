// QuantizeLinear and DequantizeLinear as the passes read them: bytes, with a scale and a zero point that are
// fixed.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.hpp"

namespace bp::optimize_passes {

// (integers - zero point) * scale, of which this is one side.
struct Quantization {
  ValueId integers = kNoId;
  ValueId scale = kNoId;
  ValueId zero = kNoId;  // may be omitted: 0
  ElementType type = ElementType::kUndefined;
  NodeId node = kNoId;
};

// What the node, a QuantizeLinear to bytes or a DequantizeLinear of bytes, says of the whole tensor by one
// number; nothing for others, for other precisions than float32, and for numbers that are not fixed.
std::optional<Quantization> quantization_of(const Graph& graph, NodeId node);
// The same for a DequantizeLinear that has one number for each slice of `axis` or for all, of any integers.
std::optional<Quantization> sliced_quantization(const Graph& graph, NodeId node, int64_t axis);

int64_t zero_of(const Graph& graph, const Quantization& quantization);
// The constant of the zero point; a new one where it is omitted.
ValueId zero_constant(Graph& graph, const Quantization& quantization);
bool same_quantization(const Graph& graph, const Quantization& a, const Quantization& b);

// The range of the bytes.
struct ByteRange {
  int64_t low = 0;
  int64_t high = 255;
};
ByteRange byte_range(ElementType type);

// The numbers of a fixed float32 constant; empty for others.
std::vector<float> fixed_floats(const Graph& graph, ValueId value);

}  // namespace bp::optimize_passes
