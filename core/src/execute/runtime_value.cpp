// Making and moving runtime values.
#include "execute/runtime_value.hpp"

#include <cstring>

#include "base/value_impl.hpp"

namespace bp {

Result<RuntimeValue> allocate_host_value(ElementType type, ConcreteDims dims) {
  const int64_t count = checked_count(dims);
  if (count < 0)
    return Status(ErrorCode::kInvalidArgument,
                  "dims " + tensor_type_string(type, dims) + " do not make a tensor");
  const uint64_t size = storage_bytes(type, static_cast<uint64_t>(count));
  auto memory = allocate_aligned(size);
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

Status copy_to_host(const RuntimeValue& src, const RuntimeValue& dst, const MemorySpaces& spaces) {
  const uint64_t size = src.data.size;
  if (size == 0) return {};
  if (src.space == kHostSpace) {
    std::memmove(reinterpret_cast<void*>(dst.data.address), src.host_data(), size);
    return {};
  }
  // Without a stream the copy is complete on return; the run that made `src` has been waited for.
  return spaces.devices()[spaces.space(src.space).device]->copy(nullptr, src.data, dst.data, size,
                                                                HostData::kDuringCall);
}

Result<RuntimeValue> to_host(const RuntimeValue& value, const MemorySpaces& spaces) {
  if (value.space == kHostSpace) return value;
  BP_ASSIGN_OR_RETURN(RuntimeValue copy, allocate_host_value(value.type, value.dims));
  BP_RETURN_IF_ERROR(copy_to_host(value, copy, spaces));
  return copy;
}

TensorPtr copy_as_tensor(const RuntimeValue& value) {
  const auto* bytes = static_cast<const std::byte*>(value.host_data());
  return Tensor::copy_of(value.type, value.dims, {bytes, static_cast<size_t>(value.data.size)});
}

}  // namespace bp
