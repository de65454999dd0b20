// Values in files, over load's reader and writer.
#include "backplane/tensor_file.hpp"

#include "execute/pieces.hpp"
#include "execute/runtime_value.hpp"
#include "load/tensor_file.hpp"
#include "session/describe.hpp"

namespace bp {
namespace {

Result<Value> values_of_map(const std::vector<ValueData>& items);

Result<Value> value_of(const ValueData& data) {
  switch (data.kind) {
    case ValueKind::kTensor: {
      // In a file elements lie at any address; a Value's are aligned.
      const Tensor& tensor = *data.tensor;
      if (tensor.type == ElementType::kString) return to_value(view_of(data.tensor));
      return Value::copy_bytes(tensor.type, tensor.dims, tensor.bytes);
    }
    case ValueKind::kSequence:
    case ValueKind::kOptional: {
      std::vector<Value> items;
      for (const ValueData& item : data.items) {
        BP_ASSIGN_OR_RETURN(Value value, value_of(item));
        items.push_back(std::move(value));
      }
      if (data.kind == ValueKind::kSequence) return Value::sequence(std::move(items));
      return Value::optional(items.empty() ? Value() : std::move(items.front()));
    }
    case ValueKind::kMap: {
      BP_ASSIGN_OR_RETURN(Value keys, to_value(view_of(data.keys)));
      BP_ASSIGN_OR_RETURN(Value values, values_of_map(data.items));
      return Value::map(std::move(keys), std::move(values));
    }
    default:
      return Status(ErrorCode::kUnsupported, "the file holds a value of a kind that is not read");
  }
}

// A file holds a tensor for each value of a map: those with one element become a row.
Result<Value> values_of_map(const std::vector<ValueData>& items) {
  std::vector<RuntimeValue> parts;
  for (const ValueData& item : items) {
    if (item.kind != ValueKind::kTensor || item.tensor->count() != 1) break;
    parts.push_back(view_of(item.tensor));
  }
  if (!items.empty() && parts.size() == items.size()) {
    const bool scalars = parts.front().dims.empty();
    if (scalars || parts.front().dims.size() == 1) {
      BP_ASSIGN_OR_RETURN(const RuntimeValue row, join(parts, 0, scalars));
      return to_value(row);
    }
  }
  std::vector<Value> values;
  for (const ValueData& item : items) {
    BP_ASSIGN_OR_RETURN(Value value, value_of(item));
    values.push_back(std::move(value));
  }
  return Value::sequence(std::move(values));
}

TensorPtr tensor_of(const Value& value) {
  auto tensor = std::make_shared<Tensor>();
  tensor->type = value.element_type();
  tensor->dims = value.dims();
  tensor->bytes = {static_cast<const std::byte*>(value.data()), static_cast<size_t>(value.size_bytes())};
  if (value.element_type() == ElementType::kString)
    tensor->string_bytes = {value.string_data(), static_cast<const uint64_t*>(value.data())[value.count()]};
  tensor->owner = std::make_shared<Value>(value);
  return tensor;
}

Result<ValueData> data_of(const Value& value);

Status append_items(std::span<const Value> items, ValueData& data) {
  for (const Value& item : items) {
    BP_ASSIGN_OR_RETURN(ValueData of_item, data_of(item));
    data.items.push_back(std::move(of_item));
  }
  return {};
}

// A row of values as the single elements that a file wants.
Status append_row(const Value& row, ValueData& data) {
  const RuntimeValue whole = to_runtime(row);
  for (int64_t index = 0; index < row.count(); ++index) {
    BP_ASSIGN_OR_RETURN(RuntimeValue piece, cut(whole, 0, index, 1));
    piece.dims.clear();
    BP_ASSIGN_OR_RETURN(const Value item, to_value(piece));
    BP_RETURN_IF_ERROR(append_items({&item, 1}, data));
  }
  return {};
}

Result<ValueData> data_of(const Value& value) {
  ValueData data;
  data.kind = value.kind();
  if (value.is_tensor()) {
    data.tensor = tensor_of(value);
  } else if (value.kind() == ValueKind::kMap) {
    data.keys = tensor_of(value.elements()[0]);
    const Value& values = value.elements()[1];
    BP_RETURN_IF_ERROR(values.is_tensor() ? append_row(values, data) : append_items(values.elements(), data));
  } else {
    BP_RETURN_IF_ERROR(append_items(value.elements(), data));
  }
  return data;
}

}  // namespace

Result<Value> read_value_file(const std::string& path, const ValueInfo& info) {
  ValueType type;
  type.kind = info.kind;
  BP_ASSIGN_OR_RETURN(const NamedValueData read, read_value_data(path, type));
  return value_of(read.data);
}

Status write_value_file(const std::string& path, const Value& value, const std::string& name) {
  BP_ASSIGN_OR_RETURN(ValueData data, data_of(value));
  return write_value_data(path, {name, std::move(data)});
}

}  // namespace bp
