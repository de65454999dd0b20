// AttributeProto becomes an attribute value, and a Constant node's attribute its tensor.
#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.hpp"
#include "load/load_context.hpp"

namespace bp {

// The declared type, or what the value says where a file declares none. An error when the attribute
// declares one type and holds a value of another.
Result<onnx::AttributeProto::AttributeType> attribute_type(const onnx::AttributeProto& proto);

// Not for graphs: these become regions.
Result<AttributeValue> convert_attribute(LoadContext& context, const onnx::AttributeProto& proto,
                                         SymbolTable& symbols);

// The value of an ai.onnx Constant node.
Result<TensorPtr> convert_constant_node(LoadContext& context, const onnx::NodeProto& node);

}  // namespace bp
