// Large tensors stay in the mapped file, as with models.
#include "load/tensor_file.hpp"

#include <fmt/format.h>
#include <onnx/onnx-data_pb.h>

#include <limits>
#include <new>

#include "base/mapped_file.hpp"
#include "load/convert_tensor.hpp"
#include "load/lift.hpp"

namespace bp {
namespace {

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

Result<ValueData> from_sequence(LoadContext& context, const onnx::SequenceProto& proto);
Result<ValueData> from_optional(LoadContext& context, const onnx::OptionalProto& proto);

Result<ValueData> from_tensor(LoadContext& context, const onnx::TensorProto& proto) {
  ValueData data;
  data.kind = ValueKind::kTensor;
  BP_ASSIGN_OR_RETURN(data.tensor, convert_tensor(context, proto));
  return data;
}

Result<ValueData> from_sparse(LoadContext& context, const onnx::SparseTensorProto& proto) {
  ValueData data;
  data.kind = ValueKind::kTensor;
  BP_ASSIGN_OR_RETURN(data.tensor, convert_sparse_tensor(context, proto));
  return data;
}

Result<ValueData> from_map(LoadContext& context, const onnx::MapProto& proto) {
  BP_ASSIGN_OR_RETURN(ValueData data, from_sequence(context, proto.values()));
  data.kind = ValueKind::kMap;
  if (proto.string_keys_size() > 0) {
    const std::vector<std::string> keys(proto.string_keys().begin(), proto.string_keys().end());
    data.keys = Tensor::of_strings({static_cast<int64_t>(keys.size())}, keys);
  } else {
    const std::vector<int64_t> keys(proto.keys().begin(), proto.keys().end());
    data.keys = Tensor::of_int64({static_cast<int64_t>(keys.size())}, keys);
  }
  if (data.keys->dims[0] != static_cast<int64_t>(data.items.size())) {
    return invalid(fmt::format("a map has {} keys and {} values", data.keys->dims[0], data.items.size()));
  }
  return data;
}

template <class Items, class Convert>
Status append(LoadContext& context, const Items& items, Convert convert, ValueData& out) {
  for (const auto& item : items) {
    Result<ValueData> data = convert(context, item);
    if (!data.ok()) return data.status().at(fmt::format("element {}", out.items.size()));
    out.items.push_back(std::move(*data));
  }
  return {};
}

// Nesting is bounded by protobuf's depth limit. Only the field that elem_type names is filled.
Result<ValueData> from_sequence(LoadContext& context, const onnx::SequenceProto& proto) {
  ValueData data;
  data.kind = ValueKind::kSequence;
  BP_RETURN_IF_ERROR(append(context, proto.tensor_values(), from_tensor, data));
  BP_RETURN_IF_ERROR(append(context, proto.sparse_tensor_values(), from_sparse, data));
  BP_RETURN_IF_ERROR(append(context, proto.sequence_values(), from_sequence, data));
  BP_RETURN_IF_ERROR(append(context, proto.map_values(), from_map, data));
  BP_RETURN_IF_ERROR(append(context, proto.optional_values(), from_optional, data));
  return data;
}

Result<ValueData> from_optional(LoadContext& context, const onnx::OptionalProto& proto) {
  ValueData data;
  data.kind = ValueKind::kOptional;
  const auto add = [&](Result<ValueData> item) -> Status {
    if (!item.ok()) return item.status();
    data.items.push_back(std::move(*item));
    return {};
  };
  if (proto.has_tensor_value()) BP_RETURN_IF_ERROR(add(from_tensor(context, proto.tensor_value())));
  if (proto.has_sparse_tensor_value()) {
    BP_RETURN_IF_ERROR(add(from_sparse(context, proto.sparse_tensor_value())));
  }
  if (proto.has_sequence_value()) BP_RETURN_IF_ERROR(add(from_sequence(context, proto.sequence_value())));
  if (proto.has_map_value()) BP_RETURN_IF_ERROR(add(from_map(context, proto.map_value())));
  if (proto.has_optional_value()) BP_RETURN_IF_ERROR(add(from_optional(context, proto.optional_value())));
  if (data.items.size() > 1) return invalid("an optional holds more than one value");
  return data;
}

template <class Proto>
Result<Proto> parse(std::string_view bytes) {
  Proto proto;
  const bool fits = bytes.size() <= static_cast<size_t>(std::numeric_limits<int32_t>::max());
  if (!fits || !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return invalid(fmt::format("is no {}", proto.GetTypeName()));
  }
  return proto;
}

template <class Proto, class Convert>
Result<NamedValueData> read_as(LoadContext& context, std::string_view bytes, Convert convert) {
  BP_ASSIGN_OR_RETURN(const Proto proto, parse<Proto>(bytes));
  BP_ASSIGN_OR_RETURN(ValueData data, convert(context, proto));
  NamedValueData value{{}, std::move(data)};
  if constexpr (requires { proto.name(); }) value.name = proto.name();
  return value;
}

Result<NamedValueData> read(LoadContext& context, ValueKind kind) try {
  const std::string_view bytes(reinterpret_cast<const char*>(context.source.data()), context.source.size());
  switch (kind) {
    case ValueKind::kSequence:
      return read_as<onnx::SequenceProto>(context, bytes, from_sequence);
    case ValueKind::kMap:
      return read_as<onnx::MapProto>(context, bytes, from_map);
    case ValueKind::kOptional:
      return read_as<onnx::OptionalProto>(context, bytes, from_optional);
    case ValueKind::kSparseTensor:
      return read_as<onnx::SparseTensorProto>(context, bytes, from_sparse);
    case ValueKind::kUnknown:
    case ValueKind::kTensor:
      break;
  }
  BP_ASSIGN_OR_RETURN(Lifted made, lift_payloads(context.source, LiftRoot::kTensor));
  context.lifted = std::make_unique<const Lifted>(std::move(made));
  return read_as<onnx::TensorProto>(context, context.lifted->message, from_tensor);
} catch (const std::bad_alloc&) {
  return Status(ErrorCode::kOutOfHostMemory, "no memory left while reading");
}

}  // namespace

Result<NamedValueData> read_value_data(const std::string& path, const ValueType& type) {
  BP_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::open(path));
  const LoadOptions options;
  LoadContext context;
  context.options = &options;
  context.source = file->bytes();
  context.source_owner = file;
  context.source_path = path;
  Result<NamedValueData> value = read(context, type.kind);
  if (!value.ok()) return value.status().at(fmt::format("'{}'", path));
  return value;
}

}  // namespace bp
