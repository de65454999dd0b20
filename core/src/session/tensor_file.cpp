// Values in files, over load's reader and writer.
#include "backplane/tensor_file.hpp"

#include "execute/runtime_value.hpp"
#include "load/tensor_file.hpp"
#include "session/describe.hpp"

namespace bp {
namespace {

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
      std::vector<Value> items;
      for (const ValueData& item : data.items) {
        BP_ASSIGN_OR_RETURN(Value value, value_of(item));
        items.push_back(std::move(value));
      }
      return Value::map(std::move(keys), Value::sequence(std::move(items)));
    }
    default:
      return Status(ErrorCode::kUnsupported, "the file holds a value of a kind that is not read");
  }
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

ValueData data_of(const Value& value) {
  ValueData data;
  data.kind = value.kind();
  if (value.is_tensor()) {
    data.tensor = tensor_of(value);
  } else if (value.kind() == ValueKind::kMap) {
    data.keys = tensor_of(value.elements()[0]);
    for (const Value& item : value.elements()[1].elements()) data.items.push_back(data_of(item));
  } else {
    for (const Value& item : value.elements()) data.items.push_back(data_of(item));
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
  return write_value_data(path, {name, data_of(value)});
}

}  // namespace bp
