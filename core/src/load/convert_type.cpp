// Negative sizes, which exporters write for dims they do not know, are unknown dims.
#include "load/convert_type.hpp"

#include <fmt/format.h>

namespace bp {
namespace {

Result<ElementType> convert_element(int32_t number) {
  const auto type = static_cast<ElementType>(number);
  if (number != 0 && element_type_name(type) == "undefined") {
    return Status(ErrorCode::kInvalidModel, fmt::format("element type {} is unknown", number));
  }
  return type;
}

Dims convert_shape(const onnx::TensorShapeProto& shape, SymbolTable& symbols) {
  Dims dims;
  dims.reserve(static_cast<size_t>(shape.dim_size()));
  for (const auto& dim : shape.dim()) {
    if (dim.has_dim_value()) {
      dims.push_back(dim.dim_value() >= 0 ? Dim::of(dim.dim_value()) : Dim{});
    } else {
      dims.push_back(Dim::named(symbols.intern(dim.dim_param())));
    }
  }
  return dims;
}

template <class TensorType>
Result<ValueType> convert_tensor_type(ValueKind kind, const TensorType& proto, SymbolTable& symbols) {
  ValueType type;
  type.kind = kind;
  BP_ASSIGN_OR_RETURN(type.element, convert_element(proto.elem_type()));
  type.has_rank = proto.has_shape();
  if (type.has_rank) type.dims = convert_shape(proto.shape(), symbols);
  return type;
}

Result<ValueType> wrap(ValueKind kind, ElementType key, const onnx::TypeProto& inner, SymbolTable& symbols) {
  ValueType type;
  type.kind = kind;
  type.element = key;
  BP_ASSIGN_OR_RETURN(ValueType contained, convert_type(inner, symbols));
  type.contained = std::make_shared<const ValueType>(std::move(contained));
  return type;
}

}  // namespace

// Nesting is bounded by protobuf's own depth limit.
Result<ValueType> convert_type(const onnx::TypeProto& proto, SymbolTable& symbols) {
  switch (proto.value_case()) {
    case onnx::TypeProto::kTensorType:
      return convert_tensor_type(ValueKind::kTensor, proto.tensor_type(), symbols);
    case onnx::TypeProto::kSparseTensorType:
      return convert_tensor_type(ValueKind::kSparseTensor, proto.sparse_tensor_type(), symbols);
    case onnx::TypeProto::kSequenceType:
      return wrap(ValueKind::kSequence, ElementType::kUndefined, proto.sequence_type().elem_type(), symbols);
    case onnx::TypeProto::kOptionalType:
      return wrap(ValueKind::kOptional, ElementType::kUndefined, proto.optional_type().elem_type(), symbols);
    case onnx::TypeProto::kMapType: {
      BP_ASSIGN_OR_RETURN(const ElementType key, convert_element(proto.map_type().key_type()));
      return wrap(ValueKind::kMap, key, proto.map_type().value_type(), symbols);
    }
    default:
      return ValueType{};  // opaque types and values without one
  }
}

}  // namespace bp
