// Making and moving runtime values.
#include "execute/runtime_value.hpp"

#include <cstring>

#include "base/value_impl.hpp"
#include "execute/output_memory.hpp"
#include "provider/device_tensor.hpp"

namespace bp {

RuntimeValue::RuntimeValue() noexcept = default;
RuntimeValue::RuntimeValue(const RuntimeValue& other) = default;
RuntimeValue::RuntimeValue(RuntimeValue&& other) noexcept = default;
RuntimeValue& RuntimeValue::operator=(const RuntimeValue& other) = default;
RuntimeValue& RuntimeValue::operator=(RuntimeValue&& other) noexcept = default;
RuntimeValue::~RuntimeValue() = default;

Result<RuntimeValue> allocate_host_value(ElementType type, ConcreteDims dims, OutputMemory* pool) {
  const int64_t count = checked_count(dims);
  if (count < 0)
    return Status(ErrorCode::kInvalidArgument,
                  "dims " + tensor_type_string(type, dims) + " do not make a tensor");
  const uint64_t size = storage_bytes(type, static_cast<uint64_t>(count));
  auto memory = pool != nullptr ? pool->take(size) : allocate_aligned(size);
  if (memory == nullptr)
    return Status(ErrorCode::kOutOfHostMemory,
                  "no " + std::to_string(size) + " bytes for " + tensor_type_string(type, dims));
  RuntimeValue value;
  value.type = type;
  value.dims = std::move(dims);
  value.data = host_slice(memory.get(), size);
  value.owner = std::move(memory);
  value.present = true;
  return value;
}

Result<RuntimeValue> allocate_host_strings(ConcreteDims dims, uint64_t text_bytes) {
  const int64_t count = checked_count(dims);
  if (count < 0)
    return Status(ErrorCode::kInvalidArgument,
                  "dims " + tensor_type_string(ElementType::kString, dims) + " do not make a tensor");
  const uint64_t offset_bytes = (static_cast<uint64_t>(count) + 1) * sizeof(uint64_t);
  auto memory = allocate_aligned(offset_bytes + text_bytes);
  if (memory == nullptr)
    return Status(ErrorCode::kOutOfHostMemory, "no " + std::to_string(offset_bytes + text_bytes) +
                                                   " bytes for " +
                                                   tensor_type_string(ElementType::kString, dims));
  RuntimeValue value;
  value.type = ElementType::kString;
  value.dims = std::move(dims);
  value.data = host_slice(memory.get(), offset_bytes);
  value.string_bytes = host_slice(static_cast<const std::byte*>(memory.get()) + offset_bytes, text_bytes);
  value.owner = std::move(memory);
  value.present = true;
  return value;
}

RuntimeValue container_value(ValueKind kind, std::vector<RuntimeValue> elements) {
  RuntimeValue value;
  value.kind = kind;
  value.elements = Elements(std::move(elements));
  value.present = true;
  return value;
}

RuntimeValue view_of(const TensorPtr& tensor) {
  RuntimeValue value;
  value.type = tensor->type;
  value.dims = tensor->dims;
  value.data = host_slice(tensor->bytes.data(), tensor->bytes.size());
  value.string_bytes = host_slice(tensor->string_bytes.data(), tensor->string_bytes.size());
  value.owner = tensor;
  value.present = true;
  return value;
}

Result<RuntimeValue> allocate_value(ElementType type, ConcreteDims dims, uint32_t space,
                                    const MemorySpaces& spaces, OutputMemory* pool) {
  if (space == kHostSpace) return allocate_host_value(type, std::move(dims), pool);
  const MemorySpace& memory = spaces.space(space);
  const uint64_t size = storage_bytes(type, static_cast<uint64_t>(element_count(dims)));
  BP_ASSIGN_OR_RETURN(auto tensor, DeviceTensor::allocate(spaces.devices()[memory.device], memory.kind, size));
  RuntimeValue value;
  value.type = type;
  value.dims = std::move(dims);
  value.space = space;
  value.data = tensor->slice(size);
  value.owner = std::move(tensor);
  value.present = true;
  return value;
}

Status copy_contents(const RuntimeValue& src, const RuntimeValue& dst, const MemorySpaces& spaces) {
  const uint64_t size = src.data.size;
  if (size == 0) return {};
  if (src.space == kHostSpace && dst.space == kHostSpace) {
    std::memmove(reinterpret_cast<void*>(dst.data.address), src.host_data(), size);
    return {};
  }
  const uint32_t from = spaces.space(src.space).device;
  const uint32_t to = spaces.space(dst.space).device;
  if (src.space != kHostSpace && dst.space != kHostSpace && from != to) {
    BP_ASSIGN_OR_RETURN(const RuntimeValue between, to_host(src, spaces));
    return copy_contents(between, dst, spaces);
  }
  return spaces.devices()[src.space == kHostSpace ? to : from]->copy(nullptr, src.data, dst.data, size,
                                                                     HostData::kDuringCall);
}

namespace {

Result<RuntimeValue> fresh_copy(const RuntimeValue& value, const MemorySpaces& spaces) {
  if (value.type == ElementType::kString) {
    BP_ASSIGN_OR_RETURN(RuntimeValue copy, allocate_host_strings(value.dims, value.string_bytes.size));
    BP_RETURN_IF_ERROR(copy_contents(value, copy, spaces));
    if (value.string_bytes.size > 0)
      std::memcpy(reinterpret_cast<void*>(copy.string_bytes.address),
                  reinterpret_cast<const void*>(value.string_bytes.address), value.string_bytes.size);
    return copy;
  }
  BP_ASSIGN_OR_RETURN(RuntimeValue copy, allocate_host_value(value.type, value.dims));
  BP_RETURN_IF_ERROR(copy_contents(value, copy, spaces));
  return copy;
}

bool fits(const RuntimeValue& value, const ValueType& type) {
  if (type.element != ElementType::kUndefined && type.element != value.type) return false;
  if (!type.has_rank) return true;
  if (type.dims.size() != value.dims.size()) return false;
  for (size_t axis = 0; axis < type.dims.size(); ++axis)
    if (type.dims[axis].known() && type.dims[axis].size != value.dims[axis]) return false;
  return true;
}

}  // namespace

Result<RuntimeValue> to_host(const RuntimeValue& value, const MemorySpaces& spaces) {
  if (value.space == kHostSpace) return value;
  return fresh_copy(value, spaces);
}

Result<RuntimeValue> to_own(const RuntimeValue& value, const MemorySpaces& spaces, uint32_t space) {
  if (!value.is_tensor() || (value.space == space && !value.lent && value.owner != nullptr)) return value;
  if (space == kHostSpace || value.type == ElementType::kString) {
    if (value.space == kHostSpace && !value.lent) return value;
    return fresh_copy(value, spaces);
  }
  BP_ASSIGN_OR_RETURN(RuntimeValue copy, allocate_value(value.type, value.dims, space, spaces));
  BP_RETURN_IF_ERROR(copy_contents(value, copy, spaces));
  return copy;
}

TensorPtr copy_as_tensor(const RuntimeValue& value) {
  const auto* bytes = static_cast<const std::byte*>(value.host_data());
  return Tensor::copy_of(value.type, value.dims, {bytes, static_cast<size_t>(value.data.size)});
}

std::string type_string(const RuntimeValue& value) {
  switch (value.kind) {
    case ValueKind::kTensor:
      return value.present ? tensor_type_string(value.type, value.dims) : "none";
    case ValueKind::kSequence:
      return "seq(" + std::to_string(value.elements.size()) + ")";
    case ValueKind::kMap:
      return "map(" + std::to_string(element_count(value.elements[0].dims)) + ")";
    case ValueKind::kOptional:
      return "optional(" + (value.elements.size() == 0 ? "none" : type_string(value.elements[0])) + ")";
    default:
      return "unknown";
  }
}

Result<RuntimeValue> conform(RuntimeValue value, const ValueType& type, const SymbolTable& symbols,
                             const MemorySpaces& spaces) {
  if (type.kind == ValueKind::kUnknown) return value;
  if (type.kind == ValueKind::kOptional && value.kind != ValueKind::kOptional) {
    if (!value.present) return container_value(ValueKind::kOptional, {});
    BP_ASSIGN_OR_RETURN(RuntimeValue content, to_own(value, spaces));
    return container_value(ValueKind::kOptional, {std::move(content)});
  }
  // Not every file says with a node of its own that it takes the content.
  if (value.kind == ValueKind::kOptional && type.kind != ValueKind::kOptional && value.elements.size() == 1)
    return conform(value.elements[0], type, symbols, spaces);
  if (!value.present || value.kind != type.kind || (value.is_tensor() && !fits(value, type)))
    return Status(ErrorCode::kInvalidArgument,
                  "must be " + type.to_string(symbols) + ", is " + type_string(value));
  return value;
}

}  // namespace bp
