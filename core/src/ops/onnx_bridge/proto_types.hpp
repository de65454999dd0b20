// Between our types and libonnx's protobuf classes, for inference: a symbolic dim travels as dim_param
// "#<symbol id>", so that no name has to be looked up on the way back.
#pragma once

#include "graph/graph.hpp"
#include "ops/dim_math.hpp"
#include "ops/onnx_bridge/onnx_headers.hpp"

namespace bp {

// Tensors of more elements than this go without their data: no inference function reads them.
inline constexpr int64_t kMaxInferenceElements = 4096;

// `names`: dims get their symbols' names, as files want them; nullptr: "#<symbol id>".
void to_type_proto(const ValueType& type, onnx_ns::TypeProto& out, const SymbolTable* names = nullptr);
ValueType from_type_proto(const onnx_ns::TypeProto& proto);
void to_shape_proto(const Dims& dims, onnx_ns::TensorShapeProto& out, const SymbolTable* names = nullptr);
// Elements of a shape value; they may be negative.
void to_shape_proto(const ShapeElements& elements, onnx_ns::TensorShapeProto& out);
Dims from_shape_proto(const onnx_ns::TensorShapeProto& shape);
// With the data when `with_data`.
void to_tensor_proto(const Tensor& tensor, bool with_data, onnx_ns::TensorProto& out);
// `with_all_data`: also the data of large tensors (for files and function bodies).
void to_attribute_proto(const Attribute& attribute, bool with_all_data, onnx_ns::AttributeProto& out,
                        const SymbolTable* names = nullptr);

}  // namespace bp
