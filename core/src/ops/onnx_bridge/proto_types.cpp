// Plain conversions; nothing here can fail.
#include "ops/onnx_bridge/proto_types.hpp"

#include <charconv>

namespace bp {
namespace {

void to_dim_proto(const Dim& dim, onnx_ns::TensorShapeProto_Dimension& out, const SymbolTable* names) {
  if (dim.known()) {
    out.set_dim_value(dim.size);
  } else if (dim.symbol != 0 && names != nullptr) {
    out.set_dim_param(names->name(dim.symbol));
  } else if (dim.symbol != 0) {
    char text[16] = {'#'};
    const auto end = std::to_chars(text + 1, text + sizeof(text), dim.symbol).ptr;
    out.set_dim_param(std::string(text, end));
  }
}

Dim from_dim_proto(const onnx_ns::TensorShapeProto_Dimension& dim) {
  // A negative dim_value is how some functions say "unknown".
  if (dim.has_dim_value()) return dim.dim_value() >= 0 ? Dim::of(dim.dim_value()) : Dim{};
  const std::string& name = dim.dim_param();
  if (!dim.has_dim_param() || name.size() < 2 || name[0] != '#') return {};
  SymbolId id = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), id);
  return Dim::named(id);
}

template <class TensorType>
void fill_tensor_type(const ValueType& type, TensorType& out, const SymbolTable* names) {
  out.set_elem_type(static_cast<int32_t>(type.element));
  if (type.has_rank) to_shape_proto(type.dims, *out.mutable_shape(), names);
}

template <class TensorType>
ValueType read_tensor_type(ValueKind kind, const TensorType& proto) {
  ValueType type;
  type.kind = kind;
  type.element = static_cast<ElementType>(proto.elem_type());
  type.has_rank = proto.has_shape();
  if (type.has_rank) type.dims = from_shape_proto(proto.shape());
  return type;
}

std::shared_ptr<const ValueType> contained_type(const onnx_ns::TypeProto& proto) {
  return std::make_shared<const ValueType>(from_type_proto(proto));
}

void to_strings(const Tensor& tensor, onnx_ns::TensorProto& out) {
  const int64_t count = tensor.count();
  for (int64_t i = 0; i < count; ++i) out.add_string_data(tensor.string_at(static_cast<uint64_t>(i)));
}

}  // namespace

void to_shape_proto(const Dims& dims, onnx_ns::TensorShapeProto& out, const SymbolTable* names) {
  for (const Dim& dim : dims) to_dim_proto(dim, *out.add_dim(), names);
}

void to_shape_proto(const ShapeElements& elements, onnx_ns::TensorShapeProto& out) {
  for (const ShapeElement& element : elements) {
    auto& dim = *out.add_dim();
    if (element.known()) {
      dim.set_dim_value(element.value);
    } else {
      to_dim_proto(element.dim(), dim, nullptr);
    }
  }
}

Dims from_shape_proto(const onnx_ns::TensorShapeProto& shape) {
  Dims dims;
  dims.reserve(static_cast<size_t>(shape.dim_size()));
  for (const auto& dim : shape.dim()) dims.push_back(from_dim_proto(dim));
  return dims;
}

void to_type_proto(const ValueType& type, onnx_ns::TypeProto& out, const SymbolTable* names) {
  switch (type.kind) {
    case ValueKind::kUnknown:
      break;
    case ValueKind::kTensor:
      fill_tensor_type(type, *out.mutable_tensor_type(), names);
      break;
    case ValueKind::kSparseTensor:
      fill_tensor_type(type, *out.mutable_sparse_tensor_type(), names);
      break;
    case ValueKind::kSequence:
      if (auto* element = out.mutable_sequence_type()->mutable_elem_type(); type.contained) {
        to_type_proto(*type.contained, *element, names);
      }
      break;
    case ValueKind::kOptional:
      if (auto* element = out.mutable_optional_type()->mutable_elem_type(); type.contained) {
        to_type_proto(*type.contained, *element, names);
      }
      break;
    case ValueKind::kMap:
      out.mutable_map_type()->set_key_type(static_cast<int32_t>(type.element));
      if (type.contained) to_type_proto(*type.contained, *out.mutable_map_type()->mutable_value_type(), names);
      break;
  }
}

ValueType from_type_proto(const onnx_ns::TypeProto& proto) {
  ValueType type;
  switch (proto.value_case()) {
    case onnx_ns::TypeProto::kTensorType:
      return read_tensor_type(ValueKind::kTensor, proto.tensor_type());
    case onnx_ns::TypeProto::kSparseTensorType:
      return read_tensor_type(ValueKind::kSparseTensor, proto.sparse_tensor_type());
    case onnx_ns::TypeProto::kSequenceType:
      type.kind = ValueKind::kSequence;
      type.contained = contained_type(proto.sequence_type().elem_type());
      break;
    case onnx_ns::TypeProto::kOptionalType:
      type.kind = ValueKind::kOptional;
      type.contained = contained_type(proto.optional_type().elem_type());
      break;
    case onnx_ns::TypeProto::kMapType:
      type.kind = ValueKind::kMap;
      type.element = static_cast<ElementType>(proto.map_type().key_type());
      type.contained = contained_type(proto.map_type().value_type());
      break;
    default:
      break;
  }
  return type;
}

void to_tensor_proto(const Tensor& tensor, bool with_data, onnx_ns::TensorProto& out) {
  out.set_data_type(static_cast<int32_t>(tensor.type));
  for (const int64_t dim : tensor.dims) out.add_dims(dim);
  if (!with_data) return;
  if (tensor.type == ElementType::kString) {
    to_strings(tensor, out);
  } else {
    out.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
  }
}

void to_attribute_proto(const Attribute& attribute, bool with_all_data, onnx_ns::AttributeProto& out,
                        const SymbolTable* names) {
  using Proto = onnx_ns::AttributeProto;
  out.set_name(attribute.name);
  const auto tensor = [&](const TensorPtr& held, onnx_ns::TensorProto& proto) {
    to_tensor_proto(*held, with_all_data || held->count() <= kMaxInferenceElements, proto);
  };
  const auto fill = [&](auto type, auto&& write) {
    out.set_type(type);
    write();
  };
  switch (attribute.value.index()) {
    case 0:
      return fill(Proto::INT, [&] { out.set_i(std::get<int64_t>(attribute.value)); });
    case 1:
      return fill(Proto::FLOAT, [&] { out.set_f(std::get<float>(attribute.value)); });
    case 2:
      return fill(Proto::STRING, [&] { out.set_s(std::get<std::string>(attribute.value)); });
    case 3:
      return fill(Proto::TENSOR, [&] { tensor(std::get<TensorPtr>(attribute.value), *out.mutable_t()); });
    case 4:
      return fill(Proto::INTS, [&] {
        for (const int64_t v : std::get<std::vector<int64_t>>(attribute.value)) out.add_ints(v);
      });
    case 5:
      return fill(Proto::FLOATS, [&] {
        for (const float v : std::get<std::vector<float>>(attribute.value)) out.add_floats(v);
      });
    case 6:
      return fill(Proto::STRINGS, [&] {
        for (const std::string& v : std::get<std::vector<std::string>>(attribute.value)) out.add_strings(v);
      });
    case 7:
      return fill(Proto::TENSORS, [&] {
        for (const TensorPtr& v : std::get<std::vector<TensorPtr>>(attribute.value))
          tensor(v, *out.add_tensors());
      });
    default:
      return fill(Proto::TYPE_PROTO,
                  [&] { to_type_proto(std::get<ValueType>(attribute.value), *out.mutable_tp(), names); });
  }
}

}  // namespace bp
