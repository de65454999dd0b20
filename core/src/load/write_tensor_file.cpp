// Writes what tensor_file.cpp reads; data goes into raw_data.
#include <fmt/format.h>
#include <onnx/onnx-data_pb.h>

#include <fstream>
#include <limits>

#include "load/tensor_file.hpp"

namespace bp {
namespace {

Status to_tensor(const Tensor& tensor, onnx::TensorProto& proto) {
  proto.set_data_type(static_cast<int32_t>(tensor.type));
  for (const int64_t dim : tensor.dims) proto.add_dims(dim);
  if (tensor.type == ElementType::kString) {
    for (int64_t i = 0; i < tensor.count(); ++i)
      proto.add_string_data(tensor.string_at(static_cast<uint64_t>(i)));
    return {};
  }
  if (tensor.bytes.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return {ErrorCode::kUnsupported, "a tensor above 2 GiB cannot be written"};
  }
  proto.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
  return {};
}

Status to_sequence(const ValueData& data, onnx::SequenceProto& proto);

Status to_map(const ValueData& data, onnx::MapProto& proto) {
  if (data.keys->type == ElementType::kString) {
    for (size_t i = 0; i < data.items.size(); ++i) proto.add_string_keys(data.keys->string_at(i));
  } else {
    for (const int64_t key : data.keys->to_int64()) proto.add_keys(key);
  }
  proto.set_key_type(static_cast<int32_t>(data.keys->type));
  return to_sequence(data, *proto.mutable_values());
}

Status to_optional(const ValueData& data, onnx::OptionalProto& proto) {
  if (data.items.empty()) return {};
  const ValueData& item = data.items[0];
  switch (item.kind) {
    case ValueKind::kTensor:
      proto.set_elem_type(onnx::OptionalProto::TENSOR);
      return to_tensor(*item.tensor, *proto.mutable_tensor_value());
    case ValueKind::kSequence:
      proto.set_elem_type(onnx::OptionalProto::SEQUENCE);
      return to_sequence(item, *proto.mutable_sequence_value());
    case ValueKind::kMap:
      proto.set_elem_type(onnx::OptionalProto::MAP);
      return to_map(item, *proto.mutable_map_value());
    case ValueKind::kOptional:
      proto.set_elem_type(onnx::OptionalProto::OPTIONAL);
      return to_optional(item, *proto.mutable_optional_value());
    default:
      return {ErrorCode::kInternal, "an optional holds a value of no kind"};
  }
}

Status to_sequence(const ValueData& data, onnx::SequenceProto& proto) {
  proto.set_elem_type(onnx::SequenceProto::TENSOR);
  for (const ValueData& item : data.items) {
    switch (item.kind) {
      case ValueKind::kTensor:
        BP_RETURN_IF_ERROR(to_tensor(*item.tensor, *proto.add_tensor_values()));
        break;
      case ValueKind::kSequence:
        proto.set_elem_type(onnx::SequenceProto::SEQUENCE);
        BP_RETURN_IF_ERROR(to_sequence(item, *proto.add_sequence_values()));
        break;
      case ValueKind::kMap:
        proto.set_elem_type(onnx::SequenceProto::MAP);
        BP_RETURN_IF_ERROR(to_map(item, *proto.add_map_values()));
        break;
      case ValueKind::kOptional:
        proto.set_elem_type(onnx::SequenceProto::OPTIONAL);
        BP_RETURN_IF_ERROR(to_optional(item, *proto.add_optional_values()));
        break;
      default:
        return {ErrorCode::kInternal, "a sequence holds a value of no kind"};
    }
  }
  return {};
}

template <class Proto, class Fill>
Result<std::string> serialize(const NamedValueData& value, Fill fill) {
  Proto proto;
  if (!value.name.empty()) proto.set_name(value.name);
  BP_RETURN_IF_ERROR(fill(proto));
  std::string bytes;
  if (!proto.SerializeToString(&bytes)) {
    return Status(ErrorCode::kUnsupported, "a value above 2 GiB cannot be written");
  }
  return bytes;
}

Result<std::string> serialize(const NamedValueData& value) {
  const ValueData& data = value.data;
  switch (data.kind) {
    case ValueKind::kTensor:
      return serialize<onnx::TensorProto>(value, [&](auto& proto) { return to_tensor(*data.tensor, proto); });
    case ValueKind::kSequence:
      return serialize<onnx::SequenceProto>(value, [&](auto& proto) { return to_sequence(data, proto); });
    case ValueKind::kMap:
      return serialize<onnx::MapProto>(value, [&](auto& proto) { return to_map(data, proto); });
    case ValueKind::kOptional:
      return serialize<onnx::OptionalProto>(value, [&](auto& proto) { return to_optional(data, proto); });
    default:
      return Status(ErrorCode::kInvalidArgument, "a value of no kind cannot be written");
  }
}

}  // namespace

Status write_value_data(const std::string& path, const NamedValueData& value) {
  Result<std::string> bytes = serialize(value);
  if (!bytes.ok()) return bytes.status().at(fmt::format("'{}'", path));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  file.close();
  if (!file) return {ErrorCode::kIo, fmt::format("cannot write '{}'", path)};
  return {};
}

}  // namespace bp
